#!/usr/bin/env python3
"""The service under kill -9, on a chain that loses transactions, between nodes that lie.

    scripts/kill_loop.py [--database sqlite|postgres|both] [--seconds N] [--seed N] [--rounds N]

A submitter keeps posting. Meanwhile, in an order that a seed decides, processes are killed, blocks
are reorganised, transactions dropped, fees raised, answers of nodes lost or falsified, and on
PostgreSQL the database is killed. At the end everything is healed, and then all of this must hold:

- each answered submission has a final proof of exactly what was promised, and a verifier of its own
  (tests/oracle) finds it right on the chain;
- a repeat of a submission got the identical promise;
- each commitment was anchored by one transaction of the signer's, and none beyond those that are
  public;
- the audit finds nothing.
"""

import argparse
import contextlib
import hashlib
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.dont_write_bytecode = True

from local_service import (  # noqa: E402
    CHECKOUT, INGAM, SIGNER_ADDRESS, Failed, LocalService, build, die_with_parent, end, free_port,
)  # fmt: skip
from throwaway_postgres import Server, home  # noqa: E402

sys.path.insert(0, str(CHECKOUT / "tests" / "oracle"))
import verify as oracle  # noqa: E402

CHAOS_RPC = CHECKOUT / "target" / "debug" / "chaos-rpc"
ISSUER = "https://badges.hanbit.example/issuers/semiconductor"
BADGE = CHECKOUT / "scripts" / "demo-badges" / "hanbit" / "common-bronze.json"
# selector of anchor(bytes32), whose argument follows
ANCHOR = "0xeecdf927"
GWEI = 10**9
# anvil calls a block final when two epochs stand above it; no reorganisation is as deep
SLOTS_IN_AN_EPOCH = 4
DEEPEST_REORGANISATION = 3
# after healing; generous, for machines that do much else
HEAL_SECONDS = 600

# What a node does wrong for a while, as rules of chaos-rpc.
NODE_FAULTS = {
    "loses the answers to what it was sent": [
        {"methods": ["eth_sendRawTransaction"], "fault": "drop", "acts": True},
    ],
    "takes nothing": [{"methods": ["eth_sendRawTransaction"], "fault": "drop"}],
    "says taken, and forwards nothing": [
        {"methods": ["eth_sendRawTransaction"], "fault": "result", "value": "0x" + "00" * 32},
    ],
    "knows no receipts": [
        {"methods": ["eth_getTransactionReceipt"], "fault": "result", "value": None},
    ],
    "is five blocks behind": [{"fault": "behind", "blocks": 5}],
    "is down": [{"fault": "drop"}],
    "answers with a page for people": [{"fault": "html", "per_mille": 500}],
    "is overloaded": [{"fault": "status", "status": 429, "per_mille": 500}],
    "loses a third of all calls": [{"fault": "drop", "per_mille": 333}],
    "has a pool with rules": [
        {
            "methods": ["eth_sendRawTransaction"], "fault": "pool", "dialect": "geth",
            "percent": 10, "refuses_gaps": True,
        },
    ],
}  # fmt: skip


def build_programs() -> None:
    build()
    command = [
        "cargo", "build", "--quiet", "--locked", "--package", "chaos-rpc", "--target-dir",
        CHECKOUT / "target",
    ]  # fmt: skip
    subprocess.run(command, cwd=CHECKOUT, check=True)


class Broken(Exception):
    """The promise was not kept; the text says what happened."""


class Node:
    """A node that can be told to lie: chaos-rpc before anvil."""

    def __init__(self, name: str, upstream: str, seed: int) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [CHAOS_RPC, "--upstream", upstream, "--seed", str(seed)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,
        )
        said = self.process.stdout.readline()
        found = re.fullmatch(r"Listening on (\S+)\n", said)
        if not found:
            raise Failed(f"chaos-rpc said {said!r}")
        self.url = found[1]

    def stop(self) -> None:
        end(self.process)
        self.process.stdout.close()

    def set_rules(self, rules: list) -> None:
        address = self.url.rstrip("/") + "/-/rules"
        request = urllib.request.Request(address, json.dumps(rules).encode(), method="PUT")
        urllib.request.urlopen(request, timeout=60).close()


class Program:
    """One process of the service, started again whenever it ends, as by systemd."""

    def __init__(self, service: LocalService, name: str, arguments: list[str], port: int) -> None:
        self.name, self.arguments, self.service = name, arguments, service
        self.config = service.directory / f"{name}.toml"
        text = service.config.read_text()
        ours = f'operations_listen = "127.0.0.1:{service.operations_port}"'
        self.config.write_text(text.replace(ours, f'operations_listen = "127.0.0.1:{port}"'))
        self.process: subprocess.Popen | None = None
        self.kills = 0

    def tend(self) -> None:
        if self.process is None or self.process.poll() is not None:
            with open(self.service.directory / f"{self.name}.log", "a") as log:
                self.process = subprocess.Popen(
                    [INGAM, *self.arguments],
                    env={**os.environ, "INGAM_CONFIG": str(self.config)},
                    cwd=self.service.directory,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    preexec_fn=die_with_parent,
                    start_new_session=True,
                )

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            self.kills += 1

    def stop(self) -> None:
        end(self.process)


class Submitter(threading.Thread):
    """Posts until it is told to stop; a call that failed is repeated until it is answered."""

    def __init__(self, service: LocalService, seed: int) -> None:
        super().__init__(daemon=True)
        self.service = service
        self.dice = random.Random(f"submissions of {seed}")
        self.template = json.loads(BADGE.read_text())
        self.number = 0
        # by digest: what was posted, what was promised
        self.promises: dict[str, tuple[dict, dict]] = {}
        self.broken: list[str] = []
        self.repeats = 0
        self.ending = threading.Event()

    def run(self) -> None:
        try:
            while not self.ending.is_set():
                choice = self.dice.random()
                if choice < 0.2 and self.promises:
                    self.repeat()
                elif choice < 0.3:
                    self.post_bulk()
                else:
                    self.post(self.submission())
                self.ending.wait(0.05)
        except Exception as error:  # the main thread tells it
            self.broken.append(f"the submitter ended: {error!r}")

    def submission(self) -> dict:
        self.number += 1
        common = {"issuer": ISSUER, "externalId": f"badge {self.number}"}
        if self.number % 2:
            digest = hashlib.sha256(f"badge {self.number}".encode()).hexdigest()
            return {"rule": "opaque", "digest": digest, **common}
        return {"credential": {**self.template, "id": f"urn:example:{self.number}"}, **common}

    def answered(self, path: str, body) -> tuple[int, bytes]:
        """Repeated until there is a clear answer."""
        while True:
            try:
                status, _, answer = self.service.request("POST", path, body, key=self.service.key)
                if status not in (429, 500, 503):
                    return status, answer
            except (OSError, urllib.error.URLError, ValueError, EOFError):
                pass
            except Exception as error:  # http.client's errors have no common base but this
                if not type(error).__module__.startswith("http"):
                    raise
            time.sleep(0.1)

    def post(self, body: dict) -> dict:
        status, answer = self.answered("/v1/badges", body)
        if status not in (200, 202):
            raise Failed(f"{status}: {answer[:500]!r}")
        promise = json.loads(answer)["receipt"]["promise"]
        self.promises[promise["digest"]] = (body, promise)
        return promise

    def repeat(self) -> None:
        body, promise = self.dice.choice(list(self.promises.values()))
        again = self.post(body)
        self.repeats += 1
        if again != promise:
            self.broken.append(f"a repeat was promised {again}, before {promise}")

    def post_bulk(self) -> None:
        bodies = [self.submission() for _ in range(self.dice.randint(1, 40))]
        lines = "".join(json.dumps(body) + "\n" for body in bodies)
        while True:
            status, answer = self.answered("/v1/badges/bulk", lines.encode())
            rows = [json.loads(line) for line in answer.splitlines()]
            # an answer without its footer was cut off: nothing is known of it
            if status == 200 and rows and "signature" in rows[-1]:
                break
        if len(rows) != len(bodies) + 2:
            raise Failed(f"bulk: {answer[:500]!r}")
        # the whole promise of each, in the form of a single answer
        for body in bodies:
            self.post(body)


class KillLoop:
    def __init__(self, database: str, seed: int, say=print) -> None:
        self.database, self.seed, self.say = database, seed, say
        self.dice = random.Random(seed)
        self.began = time.monotonic()
        self.events: dict[str, int] = {}
        self.kinds: dict = {}
        # when whoever was stopped goes on
        self.paused: dict[Program, float] = {}

    def log(self, what: str) -> None:
        self.say(f"{time.monotonic() - self.began:7.1f} s  {what}")

    def run(self, seconds: float) -> str:
        """What was done; raises `Broken` or `Failed` with the end of the logs."""
        with contextlib.ExitStack() as stack:
            self.prepare(stack)
            try:
                return self.loop(seconds)
            except (Broken, Failed) as error:
                raise Broken(f"seed {self.seed}: {error}\n{self.last_words()}") from error

    def prepare(self, stack: contextlib.ExitStack) -> None:
        self.server, url = None, None
        if self.database == "postgres":
            self.server = Server(home(), f"kill-loop-{os.getpid()}")
            stack.callback(self.server.stop)
            self.server.start()
            url = self.server.url()
        self.service = stack.enter_context(LocalService(max_count=50, database=url))
        service = self.service
        service.start_chain(slots_in_an_epoch=SLOTS_IN_AN_EPOCH)
        self.nodes = [
            Node(name, service.anvil.url, self.seed + at) for at, name in enumerate(("first", "second"))
        ]
        for node in self.nodes:
            stack.callback(node.stop)
        service.nodes = [node.url for node in self.nodes]
        service.configure()
        service.ingam("migrate")
        service.add_platform("한빛대학교 배지 플랫폼", [ISSUER])
        key = ["--insecure-dev-key"]
        if self.server is None:
            programs = [("service", ["serve", *key])]
        else:
            programs = [
                ("api", ["api"]), ("worker-1", ["worker", *key]), ("worker-2", ["worker", *key]),
            ]  # fmt: skip
        self.programs = [
            Program(service, name, arguments, service.operations_port if at == 0 else free_port())
            for at, (name, arguments) in enumerate(programs)
        ]
        for program in self.programs:
            stack.callback(program.stop)

    # ------------------------------------------------------------------------- what goes wrong

    def loop(self, seconds: float) -> str:
        submitter = Submitter(self.service, self.seed)
        submitter.start()
        end_at = time.monotonic() + seconds
        while time.monotonic() < end_at:
            self.wait(self.dice.uniform(0.5, 3))
            self.happen()
            if submitter.broken:
                raise Broken(submitter.broken[0])
        self.heal()
        # what is in hand is answered now, by a service that nobody kills
        submitter.ending.set()
        deadline = time.monotonic() + HEAL_SECONDS
        while submitter.is_alive() and time.monotonic() < deadline:
            self.wait(0.2)
        if submitter.is_alive():
            raise Broken("a submission has no answer")
        if submitter.broken:
            raise Broken(submitter.broken[0])
        self.log(f"healed; {len(submitter.promises)} badges were promised")
        self.until_kept()
        return self.check(submitter)

    def wait(self, seconds: float) -> None:
        end_at = time.monotonic() + seconds
        while True:
            self.go_on(time.monotonic())
            for program in self.programs:
                program.tend()
            left = end_at - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.1))

    def happen(self) -> None:
        """Each kind once, then more of them by chance."""
        if not self.kinds:
            self.kinds = {
                self.kill: 6, self.pause: 2, self.reorganise: 3, self.drop: 2, self.spike: 2, self.lie: 4,
            }  # fmt: skip
            if self.server:
                self.kinds[self.kill_database] = 2
            self.first = self.dice.sample(list(self.kinds), len(self.kinds))
        if self.first:
            action = self.first.pop()
        else:
            (action,) = self.dice.choices(list(self.kinds), list(self.kinds.values()))
        self.log(action())
        self.events[action.__name__] = self.events.get(action.__name__, 0) + 1

    def kill(self) -> str:
        program = self.dice.choice(self.programs)
        program.kill()
        return f"{program.name} killed"

    def pause(self) -> str:
        """SIGSTOP: with several workers for longer than a lease lives."""
        program = self.programs[-1]
        seconds = self.dice.uniform(21, 25) if self.server else self.dice.uniform(1, 4)
        if program.process and program.process.poll() is None:
            program.process.send_signal(signal.SIGSTOP)
            self.paused[program] = time.monotonic() + seconds
        return f"{program.name} stopped for {seconds:.0f} s"

    def go_on(self, until: float) -> None:
        for program in [one for one, at in self.paused.items() if at <= until]:
            del self.paused[program]
            with contextlib.suppress(ProcessLookupError):
                program.process.send_signal(signal.SIGCONT)

    def kill_database(self) -> str:
        self.server.kill_and_start()
        return "database killed and started again"

    def reorganise(self) -> str:
        depth = self.dice.randint(1, DEEPEST_REORGANISATION)
        anvil = self.service.anvil
        top = anvil.call("eth_getBlockByNumber", "latest", False)
        anvil.call("anvil_reorg", depth, [])
        now = anvil.call("eth_getBlockByNumber", top["number"], False)
        if now and now["hash"] == top["hash"]:
            raise Failed("anvil reorganised nothing")
        return f"{depth} blocks reorganised away"

    def drop(self) -> str:
        self.service.anvil.call("anvil_dropAllTransactions")
        return "pool emptied"

    def spike(self) -> str:
        factor = self.dice.choice([3, 10, 30])
        self.service.anvil.call("anvil_setNextBlockBaseFeePerGas", hex(factor * GWEI))
        return f"base fee {factor} gwei"

    def lie(self) -> str:
        node = self.dice.choice(self.nodes)
        what = self.dice.choice([None, *NODE_FAULTS])
        node.set_rules(NODE_FAULTS[what] if what else [])
        return f"{node.name} node {what or 'heals'}"

    def heal(self) -> None:
        self.go_on(float("inf"))
        for node in self.nodes:
            node.set_rules([])
        self.service.anvil.call("anvil_setNextBlockBaseFeePerGas", hex(GWEI))

    # ------------------------------------------------------------------------- what must hold

    def until_kept(self) -> None:
        deadline = time.monotonic() + HEAL_SECONDS
        said = None
        while time.monotonic() < deadline:
            self.wait(0.5)
            with contextlib.suppress(OSError, ValueError):
                status, _, answer = self.service.request("GET", "/v1/promise")
                said = answer
                if status == 200 and json.loads(answer)["open"] == 0:
                    return
        raise Broken(f"{HEAL_SECONDS} s after all was healed: {said!r}")

    def check(self, submitter: Submitter) -> str:
        service = self.service
        exported = service.ingam("export", "--url", service.url, INGAM_KEY=service.key).stdout
        proofs = {}
        for row in map(json.loads, exported.splitlines()):
            if "proof" in row:
                digest = row["proof"]["badge"]["digest"]
                if digest in proofs:
                    raise Broken(f"{digest} has two proofs")
                proofs[digest] = row["proof"]
        unproven = submitter.promises.keys() - proofs.keys()
        if unproven:
            raise Broken(f"promised and without final proof: {sorted(unproven)[:5]}")
        with open(service.trust, "rb") as file:
            trust = oracle.read_trust(file.read())
        commitments = set()
        for digest, proof in proofs.items():
            # stored and never answered, when a process was killed between the two
            promise = submitter.promises.get(digest, (None, None))[1]
            commitments.add(self.verified(proof, promise, trust))
        anchored = self.anchored()
        if len(anchored) != len(set(anchored)):
            raise Broken("two transactions anchored the same commitment")
        if unknown := commitments - set(anchored):
            raise Broken(f"no transaction anchored {sorted(unknown)[:5]}")
        for commitment in set(anchored) - commitments:
            # what the service anchors for itself is in no export, but public as a batch
            status, _, answer = service.request("GET", f"/v1/batches/{commitment}")
            if status != 200 or json.loads(answer)["state"] != "final":
                raise Broken(f"anchored, and not published: {commitment} {answer!r}")
        for program in self.programs:
            program.stop()
        audit = json.loads(service.ingam("audit", "--json", check=False).stdout)
        if audit["findings"]:
            raise Broken(f"the audit finds {audit['findings'][:5]}")
        events = ", ".join(f"{name} {count}" for name, count in sorted(self.events.items()))
        return (
            f"{len(proofs)} badges final and verified in {len(anchored)} batches, "
            f"{submitter.repeats} repeats ({events})"
        )

    def verified(self, proof: dict, promise: dict | None, trust: dict) -> str:
        text = json.dumps(proof, ensure_ascii=False).encode()
        document, hashes, _ = oracle.compute(text, trust)
        if promise is not None and document["receipt"]["promise"] != promise:
            raise Broken(f"promised was {promise}, proven {document['receipt']['promise']}")
        commitment = hashes[2]
        with contextlib.redirect_stdout(io.StringIO()) as said:
            code = oracle.ask_chain(document, commitment, trust, self.service.anvil.url)
        if code != 0:
            raise Broken(f"the oracle says {code} of {text[:500]!r}: {said.getvalue()}")
        return commitment.hex()

    def anchored(self) -> list[str]:
        """Commitments of all anchoring transactions that did not revert, in their order."""
        registry = self.service.registry["registry"]
        inputs = self.service.anvil.successes(registry, SIGNER_ADDRESS)
        if strange := [one for one in inputs if not one.startswith(ANCHOR)]:
            raise Broken(f"the signer sent {strange[:3]}")
        return [one.removeprefix(ANCHOR) for one in inputs]

    def last_words(self) -> str:
        said = []
        for program in self.programs:
            path = self.service.directory / f"{program.name}.log"
            if path.exists():
                lines = path.read_text(errors="replace").splitlines()
                said.append(f"--- {program.name}\n" + "\n".join(lines[-30:]))
        return "\n".join(said)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--seconds", type=float, default=600, help="until all is healed [600]")
    parser.add_argument("--seed", type=int, default=1, help="of the first round [1]")
    parser.add_argument("--rounds", type=int, default=1, help="each with the next seed [1]")
    arguments = parser.parse_args()
    build_programs()
    both = arguments.database == "both"
    for seed in range(arguments.seed, arguments.seed + arguments.rounds):
        for database in ("sqlite", "postgres") if both else (arguments.database,):
            print(f"{database}, seed {seed}")
            try:
                print(KillLoop(database, seed).run(arguments.seconds), flush=True)
            except Broken as error:
                print(error, file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
