"""The runbooks: what they name exists, what they tell to type is understood, and the longer ones are
rehearsed on the real binary and anvil."""

import json
import re
import shlex
import shutil
import sqlite3
import subprocess
import time
import unittest
import urllib.request
from collections import Counter
from contextlib import closing

from recovery_test import post, state, wait_for
from service_under_test import (
    BADGE, CHECKOUT, INGAM, OWNER_KEY, SIGNER_ADDRESS, LocalService, running_service,
)  # fmt: skip

RUNBOOKS = sorted((CHECKOUT / "deploy" / "runbooks").glob("*.md"))
NAMES = {path.stem for path in RUNBOOKS} - {"README"}
TEMPLATE = json.loads(BADGE.read_text())
CAST = CHECKOUT / "contracts" / "node_modules" / ".bin" / "cast"
# the third account of every anvil
NEXT_KEY = "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a"
NEXT_ADDRESS = "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc"


def commands(text: str) -> list[list[str]]:
    """The `ingam` lines of a page, in blocks and within sentences."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    lines += [re.sub(r"\s+", " ", it) for it in re.findall(r"`(ingam [^`]+)`", text)]
    return [shlex.split(line)[1:] for line in lines if line.startswith("ingam ")]


class Pages(unittest.TestCase):
    def test_there_is_one_for_each_emergency(self):
        self.assertEqual(
            NAMES,
            {
                "stuck-signer", "out-of-funds", "chain-halt", "finalized-reorg", "key-compromise",
                "restore", "promise-at-risk",
            },
        )  # fmt: skip
        index = (CHECKOUT / "deploy" / "runbooks" / "README.md").read_text()
        for name in NAMES:
            self.assertIn(f"({name}.md)", index)

    def test_each_names_tests_that_exist(self):
        for path in RUNBOOKS:
            if path.stem == "README":
                continue
            named = re.findall(r"`(tests/[\w/]+\.(?:rs|py))::(\w+)`", path.read_text())
            self.assertTrue(named, f"{path.name} names no test")
            for file, test in named:
                source = (CHECKOUT / file).read_text()
                self.assertRegex(source, rf"\b(?:fn|def) {test}\(", f"{path.name}: {file}::{test}")

    def test_each_command_is_one_of_the_program(self):
        seen = 0
        for path in RUNBOOKS:
            for words in commands(path.read_text()):
                seen += 1
                names = []
                for word in words:
                    if not re.fullmatch(r"[a-z][a-z-]*", word):
                        break
                    names.append(word)
                shown = f"{path.name}: ingam {shlex.join(words)}"
                done = subprocess.run(
                    [INGAM, *names, "--help"], capture_output=True, text=True, check=False
                )
                self.assertEqual(done.returncode, 0, f"{shown}\n{done.stderr}")
                self.assertIn(f"Usage: {INGAM.name} {' '.join(names)}", done.stdout, shown)
                for word in words:
                    if word.startswith("--"):
                        self.assertRegex(done.stdout, rf"{word}\b", shown)
        self.assertGreater(seen, 5)

    def test_each_metric_and_each_link_is_there(self):
        sources = "\n".join(path.read_text() for path in CHECKOUT.glob("services/*/src/**/*.rs"))
        for path in RUNBOOKS:
            text = path.read_text()
            for metric in set(re.findall(r"`(ingam_[a-z_]+)", text)):
                self.assertIn(f'"{metric}"', sources, f"{path.name}: {metric}")
            for link in re.findall(r"\]\(([^)#]+)\)", text):
                self.assertTrue((path.parent / link).exists(), f"{path.name}: {link}")


def credential(name: str) -> dict:
    return {**TEMPLATE, "id": f"urn:example:runbooks:{name}"}


def halted(service: LocalService, reason: str) -> bool:
    url = f"http://127.0.0.1:{service.operations_port}/metrics"
    with urllib.request.urlopen(url, timeout=60) as answer:
        text = answer.read().decode()
    found = re.search(rf'^ingam_signers_halted{{[^}}]*reason="{reason}"[^}}]*}} (\d)', text, re.M)
    return bool(found) and found[1] == "1"


class Rehearsals(unittest.TestCase):
    def accepted(self, service: LocalService, name: str) -> dict:
        status, answer = post(service, credential=credential(name))
        self.assertIn(status, (200, 202), answer)
        return answer

    def final(self, service: LocalService, name: str) -> dict:
        answer = self.accepted(service, name)
        wait_for(service, answer["id"], "final")
        return answer

    def assert_clean(self, service: LocalService) -> None:
        audit = json.loads(service.ingam("audit", "--json").stdout)
        self.assertEqual(audit["findings"], [])

    def test_restore(self):
        with running_service() as service:
            kept = self.final(service, "kept")
            erased = self.final(service, "erased")
            # at the backup it is somewhere between accepted and submitted
            under_way = self.accepted(service, "under way")
            service.stop_service()
            database, backup = (service.directory / name for name in ("ingam.db", "backup.db"))
            shutil.copy(database, backup)
            service.serve()
            wait_for(service, under_way["id"], "final")
            lost = [self.final(service, f"lost {number}") for number in range(2)]
            path = f"/v1/badges/{erased['id']}"
            self.assertEqual(service.request("DELETE", path, key=service.key)[0], 204)
            service.stop_service()
            for leftover in service.directory.glob("ingam.db-*"):
                leftover.unlink()
            shutil.copy(backup, database)

            # somebody starts it without reading the page
            service.serve()
            self.assertEqual(service.request("GET", path, key=service.key)[0], 404, "erased again")
            self.assertEqual(state(service, kept["id"]), "final", "reads go on")
            status, problem = post(service, credential=credential("meanwhile"))
            self.assertEqual((status, "receipt" in problem), (503, False), problem)
            # published by the worker's first look
            deadline = time.monotonic() + 180
            while not halted(service, "restored"):
                self.assertLess(time.monotonic(), deadline, "no metric tells of the halt")
                time.sleep(0.1)
            self.assertIn("ingam restore", service.log())
            service.stop_service()

            said = service.ingam("restore").stdout
            self.assertRegex(said, rf"nonces \d+ to \d+ of signer {SIGNER_ADDRESS}")
            self.assert_clean(service)
            service.serve()
            wait_for(service, under_way["id"], "final")
            given_out = {kept["id"], erased["id"], under_way["id"], *(one["id"] for one in lost)}
            for number in range(2):
                again = self.final(service, f"lost {number}")
                self.assertNotIn(again["id"], given_out)
                self.assertGreater(int(again["id"]), max(map(int, given_out)))
            self.final(service, "meanwhile")
            self.assertFalse(halted(service, "restored"))
            service.stop_service()
            self.assert_clean(service)
            with closing(sqlite3.connect(database)) as rows:
                noted = {action for (action,) in rows.execute("SELECT action FROM audit_log")}
            self.assertLessEqual(
                {"halt.restored", "nonces.adopt", "positions.skip", "resume.restored"}, noted
            )
            calls = Counter(service.anvil.successes(service.registry["registry"], SIGNER_ADDRESS))
            again = [call for call, times in calls.items() if times > 1]
            # the badge under way at the backup: the database does not know that it was sent
            self.assertLessEqual(len(again), 1, calls)
            self.assertNotRegex((service.directory / "erasures.log").read_text(), "[^0-9 \n]")

    def cast(self, service: LocalService, call: str, address: str) -> None:
        subprocess.run(
            [
                CAST, "send", service.registry["registry"], call, address, "--rpc-url",
                service.anvil.url, "--private-key", OWNER_KEY,
            ],
            check=True,
            capture_output=True,
        )  # fmt: skip

    def test_key_compromise(self):
        with running_service() as service:
            before = self.final(service, "before")
            self.cast(service, "addOperator(address)", NEXT_ADDRESS)
            self.cast(service, "addRevoker(address)", NEXT_ADDRESS)
            self.cast(service, "removeOperator(address)", SIGNER_ADDRESS)
            self.cast(service, "removeRevoker(address)", SIGNER_ADDRESS)
            thief = int(service.anvil.call("eth_blockNumber"), 16) + 1
            meanwhile = self.accepted(service, "meanwhile")
            wait_for(service, meanwhile["id"], "sealed")
            service.stop_service()
            service.anvil.call("anvil_impersonateAccount", SIGNER_ADDRESS)
            for _ in range(2):
                theft = {"from": SIGNER_ADDRESS, "to": NEXT_ADDRESS, "value": "0x1"}
                service.anvil.call("eth_sendTransaction", theft)

            key = service.directory / "next.key"
            key.write_text(NEXT_KEY)
            key.chmod(0o600)
            text = service.config.read_text()
            service.config.write_text(text.replace("signer.key", "next.key"))
            service.serve()
            wait_for(service, meanwhile["id"], "final")
            self.final(service, "after")
            self.assertEqual(state(service, before["id"]), "final")
            service.stop_service()
            service.ingam(
                "trust", "distrust", SIGNER_ADDRESS, "--registry", service.registry["registry"],
                "--from-block", thief, "--out", service.trust,
            )  # fmt: skip
            self.assertIn(SIGNER_ADDRESS, service.trust.read_text().lower())
            audit = json.loads(service.ingam("audit", "--json", check=False).stdout)
            found = [finding["detail"] for finding in audit["findings"]]
            self.assertTrue(found and all("used elsewhere" in detail for detail in found), found)

    def test_chain_halt(self):
        with running_service() as service:
            service.anvil.call("evm_setIntervalMining", 0)
            badge = self.accepted(service, "halted")["id"]
            wait_for(service, badge, "submitted")
            another = self.accepted(service, "taken all the same")["id"]
            # the figures are a moment old
            deadline = time.monotonic() + 180
            while json.loads(service.request("GET", "/v1/promise")[2])["open"] < 2:
                self.assertLess(time.monotonic(), deadline, "the promise does not show them")
                time.sleep(0.1)
            self.assertEqual(state(service, badge), "submitted")
            service.anvil.call("evm_setIntervalMining", 1)
            for one in (badge, another):
                wait_for(service, one, "final")
            service.stop_service()
            self.assert_clean(service)


if __name__ == "__main__":
    unittest.main()
