"""A local chain and one service on the embedded database, for scripts/demo and the script tests.

Everything lives in one directory of its own, on ports that were free: services started beside each
other neither collide nor share anything.
"""

import json
import os
import re
import selectors
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
INGAM = CHECKOUT / "target" / "debug" / "ingam"
ANVIL = CHECKOUT / "contracts" / "node_modules" / ".bin" / "anvil"

# The first two accounts of every anvil: published keys, worth nothing.
OWNER_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
SIGNER_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
SIGNER_ADDRESS = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"
CHAIN_ID = 31337

CONFIGURATION = """
[service]
id = "ingam-on-this-machine"
public_url = "http://127.0.0.1:{port}"
data_dir = "{directory}"

[database]
url = "{database}"

[chain]
profile = "anvil"
chain_id = {chain_id}
rpc_urls = {nodes}
registry = "{registry}"
registry_code_hash = "{code_hash}"
registry_from_block = {from_block}

[chain.finality]
rule = "tag"
min_depth = 1

[chain.fees]
on_cap = "breach_budget"
bump_after_blocks = 3

[signer]
dev_key_file = "{directory}/signer.key"

[seal]
max_count = {max_count}
max_age_seconds = 1
deadline_lead_seconds = 14400

[mint]
max_age_seconds = 1

[worker]
idle_milliseconds = 100

# no badges of the service's own among those that are shown or counted here
[promise]
canary_hours = 0

[api]
listen = "127.0.0.1:{port}"
operations_listen = "127.0.0.1:{operations_port}"
address_rate_per_second = 1000
address_burst = 2000

[log]
format = "json"
filter = "info"
"""


def build() -> None:
    """The program as the sources now are."""
    command = [
        "cargo", "build", "--quiet", "--locked", "--package", "ingam", "--target-dir",
        CHECKOUT / "target",
    ]  # fmt: skip
    subprocess.run(command, cwd=CHECKOUT, check=True)


class Failed(Exception):
    """A program did not do what it was asked to; the text says what it said."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def die_with_parent() -> None:
    """Runs in the child: an interrupted script leaves nothing behind (Linux)."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    except (OSError, AttributeError):
        pass


def end(process: subprocess.Popen | None, seconds: float = 15) -> None:
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Anvil:
    """The local chain, a block a second; final is what two epochs stand above."""

    def __init__(self, directory: Path, *arguments: str, slots_in_an_epoch: int = 1) -> None:
        self.log = open(directory / "anvil.log", "wb")
        self.process = subprocess.Popen(
            [
                ANVIL, "--port", "0", "--block-time", "1", "--slots-in-an-epoch",
                str(slots_in_an_epoch), "--enable-tx-gas-limit", *arguments,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
            start_new_session=True,
        )  # fmt: skip
        self.url = f"http://{self._listening()}"
        # what it says from here on is not read; an open pipe would stop it once full
        self._drain()

    def _listening(self) -> str:
        selector = selectors.DefaultSelector()
        selector.register(self.process.stdout, selectors.EVENT_READ)
        said = b""
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline and selector.select(1) is not None:
            if not selector.select(0):
                continue
            chunk = os.read(self.process.stdout.fileno(), 65536)
            said += chunk
            if found := re.search(rb"Listening on (127\.0\.0\.1:\d+)", said):
                return found[1].decode()
            if not chunk:
                break
        raise Failed(f"anvil did not start:\n{said.decode(errors='replace')}")

    def _drain(self) -> None:
        def copy() -> None:
            with self.process.stdout as said, self.log as log:
                for line in said:
                    log.write(line)

        self.copier = threading.Thread(target=copy, daemon=True)
        self.copier.start()

    def call(self, method: str, *parameters):
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}
        request = urllib.request.Request(
            self.url, json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.load(response)
        if "error" in answer:
            raise Failed(f"{method}: {answer['error']}")
        return answer["result"]

    def successes(self, contract: str, sender: str) -> list[str]:
        """Inputs of the sender's transactions to the contract that were mined and did not revert."""
        inputs = []
        for number in range(int(self.call("eth_blockNumber"), 16) + 1):
            for transaction in self.call("eth_getBlockByNumber", hex(number), True)["transactions"]:
                if (transaction["from"], transaction["to"]) == (sender, contract):
                    receipt = self.call("eth_getTransactionReceipt", transaction["hash"])
                    if int(receipt["status"], 16) == 1:
                        inputs.append(transaction["input"])
        return inputs

    def stop(self) -> None:
        end(self.process)
        self.copier.join(5)


def write_environment(service: "LocalService", path: Path | None = None) -> Path:
    """Writes what a shell needs to use the service: `. FILE`."""
    path = path or service.directory / "demo.env"
    lines = [
        f"export {name}={shlex.quote(str(value))}"
        for name, value in (
            ("INGAM_URL", service.url),
            ("INGAM_KEY", service.key),
            ("INGAM_TRUST", service.trust),
            ("INGAM_RPC", service.anvil.url),
            ("INGAM_CONFIG", service.config),
        )
    ]
    lines.append(f"export PATH={shlex.quote(str(INGAM.parent))}:$PATH")
    path.write_text("\n".join(lines) + "\n")
    return path


class LocalService:
    """anvil, a deployed registry, a configured and running service."""

    def __init__(
        self, port: int | None = None, max_count: int = 1000, database: str | None = None
    ) -> None:
        (CHECKOUT / "target").mkdir(exist_ok=True)
        self.directory = Path(tempfile.mkdtemp(prefix="ingam-", dir=CHECKOUT / "target"))
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.operations_port = free_port()
        self.config = self.directory / "ingam.toml"
        self.trust = self.directory / "trust.json"
        self.database = database or f"sqlite:{self.directory}/ingam.db"
        # URLs of nodes; anvil itself when there are none
        self.nodes: list[str] = []
        self.max_count = max_count
        self.anvil: Anvil | None = None
        self.process: subprocess.Popen | None = None
        self.key: str | None = None

    # ------------------------------------------------------------------------------- programs

    def ingam(self, *arguments, check: bool = True, **environment) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [INGAM, *map(str, arguments)],
            env={**os.environ, "INGAM_CONFIG": str(self.config), **environment},
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if check and done.returncode != 0:
            shown = " ".join(map(str, arguments))
            raise Failed(f"ingam {shown} (exit {done.returncode}):\n{done.stdout}{done.stderr}")
        return done

    def start_ingam(self, *arguments, **environment) -> subprocess.Popen:
        """In the background; what it says goes to client.log."""
        with open(self.directory / "client.log", "w") as log:
            return subprocess.Popen(
                [INGAM, *map(str, arguments)],
                env={**os.environ, "INGAM_CONFIG": str(self.config), **environment},
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,
            )

    def deploy(self) -> dict:
        """Deploys a registry of our own; its facts."""
        owner = self.directory / "owner.key"
        owner.write_text(OWNER_KEY)
        owner.chmod(0o600)
        done = self.ingam(
            "deploy", "--rpc", self.anvil.url, "--chain-id", CHAIN_ID, "--dev-key-file", owner,
            "--operator", SIGNER_ADDRESS, "--revoker", SIGNER_ADDRESS, "--insecure-dev-key",
            "--json",
        )  # fmt: skip
        return json.loads(done.stdout)

    def start_chain(self, **options) -> None:
        """With a registry, and the key of its operator in a file."""
        self.anvil = Anvil(self.directory, **options)
        self.registry = self.deploy()
        signer = self.directory / "signer.key"
        signer.write_text(SIGNER_KEY)
        signer.chmod(0o600)

    def prepare(self) -> None:
        """Starts the chain, deploys the registry, writes the configuration, makes the database."""
        self.start_chain()
        self.configure()
        self.ingam("migrate")
        self.collection = self.open_collection()

    def open_collection(self, *arguments) -> dict:
        """Deploys a collection of tokens for all issuers; its facts."""
        done = self.ingam(
            "collection", "open", "--name", "Badges of this machine", "--minter", SIGNER_ADDRESS,
            "--insecure-dev-key", "--dev-key-file", self.directory / "owner.key", "--json",
            *arguments,
        )  # fmt: skip
        return json.loads(done.stdout)

    def configure(self) -> None:
        text = CONFIGURATION.format(
            port=self.port,
            operations_port=self.operations_port,
            directory=self.directory,
            chain_id=CHAIN_ID,
            database=self.database,
            nodes=json.dumps(self.nodes or [self.anvil.url]),
            registry=self.registry["registry"],
            code_hash=self.registry["codeHash"],
            from_block=self.registry["fromBlock"],
            max_count=self.max_count,
        )
        self.config.write_text(text)

    def add_platform(self, name: str, issuers: list[str]) -> None:
        """An account with these issuers, and a key for it."""
        account = json.loads(self.ingam("account", "add", "--json", name).stdout)["id"]
        for identifier in issuers:
            self.ingam("issuer", "add", "--account", account, identifier)
        key = self.ingam("key", "add", "--account", account, "--scopes", "ingest,read", "--json")
        self.account = account
        self.key = json.loads(key.stdout)["key"]
        self.ingam("trust", "--out", self.trust)

    def serve_here_or_elsewhere(self) -> None:
        """Another process may have taken the port since it was chosen: then another port."""
        try:
            self.serve()
        except Failed as error:
            if "Address already in use" not in str(error):
                raise
            self.port = free_port()
            self.url = f"http://127.0.0.1:{self.port}"
            self.configure()
            self.serve()

    def serve(self, *arguments: str, preexec_fn=die_with_parent, **environment) -> None:
        with open(self.directory / "ingam.log", "a") as log:
            self.process = subprocess.Popen(
                [INGAM, "serve", "--insecure-dev-key", *arguments],
                env={**os.environ, "INGAM_CONFIG": str(self.config), **environment},
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=preexec_fn,
                start_new_session=True,
            )
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.operations_port}/readyz", timeout=30)
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise Failed(f"the service did not start:\n{self.log()}")

    def log(self) -> str:
        path = self.directory / "ingam.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def request(self, method: str, path: str, body=None, key: str | None = None, headers=None):
        """(status, headers, bytes)."""
        headers = dict(headers or {})
        if key:
            headers["authorization"] = f"Bearer {key}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            headers.setdefault("content-type", "application/json")
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=180) as response:
                return response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    # ------------------------------------------------------------------------------- the end

    def stop_service(self) -> None:
        end(self.process)
        self.process = None

    def kill_service(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def stop(self) -> None:
        self.stop_service()
        if self.anvil:
            self.anvil.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> "LocalService":
        return self

    def __exit__(self, *_) -> None:
        self.stop()
