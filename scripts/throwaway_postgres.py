"""A throwaway PostgreSQL, the same version everywhere; see scripts/postgres-for-tests.

The server comes from the Python package in postgres-for-tests.txt, never from what happens to be
installed. It lives under target/ and listens on a Unix socket only, so that checkouts cannot
collide. Its data survive a kill of its processes, but no crash of the machine (fsync is off).
"""

import hashlib
import os
import pwd
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

CHECKOUT = Path(__file__).resolve().parent.parent
REQUIREMENTS = Path(__file__).resolve().with_name("postgres-for-tests.txt")
# the kernel takes about 100 bytes for the path of a socket
MAX_SOCKET_DIRECTORY = 80
AS_ROOT = os.geteuid() == 0
# PostgreSQL refuses to run as root
ACCOUNT = pwd.getpwnam("nobody") if AS_ROOT else None

SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "300",
    "shared_buffers": "128MB",
}


def others_may_enter(directory: Path) -> bool:
    return all(path.stat().st_mode & 0o001 for path in [directory, *directory.parents])


def own_directory(directory: Path) -> Path:
    """Makes the directory; refuses one that somebody else put there."""
    directory.mkdir(parents=True, exist_ok=True)
    if directory.is_symlink() or directory.stat().st_uid != os.geteuid():
        sys.exit(f"{directory} is not ours")
    return directory


def home() -> Path:
    """Where programs and data live: under target/, where the server's account can get there."""
    target = own_directory(CHECKOUT / "target")
    if not AS_ROOT or others_may_enter(target):
        return own_directory(target / "postgres-for-tests")
    name = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:16]
    return own_directory(Path(tempfile.gettempdir()) / f"ingam-postgres-{name}")


class Server:
    """One of several of a checkout, which share the programs: `name` is its folder under target/."""

    def __init__(self, base: Path, name: str = "run") -> None:
        self.venv = base / "venv"
        self.stamp = base / "installed.txt"
        self.run = base / name
        self.data = self.run / "data"
        self.log = self.run / "log"
        self.socket = self.run / "socket"
        if len(str(self.socket)) > MAX_SOCKET_DIRECTORY:
            name = hashlib.sha256(str(self.socket).encode()).hexdigest()[:16]
            self.socket = Path(tempfile.gettempdir()) / f"ingam-socket-{name}"

    def install(self) -> None:
        wanted = REQUIREMENTS.read_text()
        if self.stamp.exists() and self.stamp.read_text() == wanted:
            return
        shutil.rmtree(self.venv, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", self.venv], check=True, stdout=sys.stderr)
        pip = [self.venv / "bin" / "python", "-m", "pip", "install", "--quiet"]
        options = ["--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*pip, *options, "-r", REQUIREMENTS], check=True, stdout=sys.stderr)
        self.stamp.write_text(wanted)

    def program(self, name: str) -> Path:
        found = list(self.venv.glob(f"lib/python3*/site-packages/*/pginstall/bin/{name}"))
        if len(found) != 1:
            sys.exit(f"the package of {REQUIREMENTS.name} has no {name}")
        return found[0]

    def call(self, name: str, *arguments: object, check: bool = True) -> bool:
        identity = {}
        if ACCOUNT:
            identity = {"user": ACCOUNT.pw_uid, "group": ACCOUNT.pw_gid, "extra_groups": []}
        # a PGDATA, PGHOST or PGPORT of the caller's means another server
        env = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        done = subprocess.run(
            [self.program(name), *map(str, arguments)],
            **identity,
            cwd="/",
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if check and done.returncode != 0:
            log = self.log.read_text() if self.log.exists() else ""
            sys.exit(f"{name} failed:\n{done.stdout}{log}")
        return done.returncode == 0

    def running(self) -> bool:
        return self.stamp.exists() and self.call("pg_ctl", "-D", self.data, "status", check=False)

    def start(self) -> None:
        self.install()
        if self.running():
            return
        # what a killed server left behind is worth nothing
        self.delete()
        for directory in (self.run, self.socket):
            directory.mkdir(mode=0o700)
            if ACCOUNT:
                os.chown(directory, ACCOUNT.pw_uid, ACCOUNT.pw_gid)
        self.call(
            "initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--locale=C", "--no-sync",
        )  # fmt: skip
        settings = {**SETTINGS, "unix_socket_directories": str(self.socket)}
        options = " ".join(f"-c {key}={shlex.quote(value)}" for key, value in settings.items())
        self.call("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-o", options, "start")

    def kill_and_start(self) -> None:
        """Ends all its processes at once; what was committed is there again after the start."""
        self.call("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-m", "immediate", "restart")

    def stop(self) -> None:
        if self.running():
            self.call("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")
        self.delete()

    def delete(self) -> None:
        for directory in (self.run, self.socket):
            shutil.rmtree(directory, ignore_errors=True)

    def url(self) -> str:
        return f"postgres://postgres@localhost/postgres?host={quote(str(self.socket), safe='')}"
