"""Killed processes, a reorganised chain, proofs before finality: on the real binary and anvil."""

import json
import signal
import time
import unittest

from service_under_test import BADGE, HANBIT, LocalService, running_service

from kill_loop import Node, build_programs  # beside local_service


def post(service: LocalService, **body):
    body = {"credential": json.loads(BADGE.read_text()), **body}
    status, _, answer = service.request("POST", "/v1/badges", body, key=service.key)
    return status, json.loads(answer)


def state(service: LocalService, badge: str) -> str:
    status, _, answer = service.request("GET", f"/v1/badges/{badge}", key=service.key)
    assert status == 200, answer
    return json.loads(answer)["state"]


STATES = ("accepted", "sealed", "submitted", "included", "final")


def wait_for(service: LocalService, badge: str, wanted: str, or_later: bool = False) -> None:
    deadline = time.monotonic() + 180
    enough = STATES[STATES.index(wanted) :] if or_later else (wanted,)
    seen = []
    while time.monotonic() < deadline:
        now = state(service, badge)
        if not seen or seen[-1] != now:
            seen.append(now)
        if now in enough:
            return
        time.sleep(0.05)
    raise AssertionError(f"badge {badge} went through {seen}, never {wanted}\n{service.log()[-3000:]}")


class Recovery(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        build_programs()

    def test_killed_after_the_answer_the_repeat_gets_the_identical_promise(self):
        with running_service() as service:
            status, first = post(service, externalId="2026-0001")
            service.kill_service()
            self.assertEqual(status, 202)
            service.serve()
            status, again = post(service, externalId="2026-0001")
            self.assertEqual(status, 200)
            self.assertEqual(again["receipt"]["promise"], first["receipt"]["promise"])
            self.assertEqual(again["proofToken"], first["proofToken"])
            status, problem = post(service, externalId="another")
            self.assertEqual((status, problem["code"]), (409, "already_accepted_differently"))
            wait_for(service, first["id"], "final")

    def test_before_finality_provisional_and_after_a_reorg_submitted_again(self):
        with running_service() as service:
            anvil = service.anvil
            anvil.call("evm_setIntervalMining", 0)
            _, accepted = post(service)
            badge = accepted["id"]
            wait_for(service, badge, "submitted")
            anvil.call("evm_mine")
            wait_for(service, badge, "included")
            proof = service.directory / "proof.json"
            proof.write_bytes(service.request("GET", f"/v1/proofs/{accepted['proofToken']}")[2])
            done = service.ingam(
                "verify", BADGE, "--proof", proof, "--trust", service.trust, "--rpc", anvil.url,
                check=False,
            )  # fmt: skip
            self.assertEqual(done.returncode, 3, done.stdout + done.stderr)

            anvil.call("anvil_reorg", 1, [])
            anvil.call("evm_mine")
            wait_for(service, badge, "submitted")
            anvil.call("evm_setIntervalMining", 1)
            wait_for(service, badge, "final")
            done = service.ingam(
                "verify", BADGE, "--proof", proof, "--trust", service.trust, "--rpc", anvil.url
            )
            self.assertEqual(done.returncode, 0, "stale hints are replaced, never a failure")
            service.stop_service()
            service.ingam("audit")

    def test_killed_again_and_again_every_badge_becomes_final_once(self):
        with running_service(max_count=5) as service:
            template = json.loads(BADGE.read_text())
            badges = []
            for round_ in range(6):
                for number in range(4):
                    credential = {**template, "id": f"urn:example:{round_}:{number}"}
                    status, answer = post(service, credential=credential)
                    self.assertEqual(status, 202, answer)
                    badges.append(answer["id"])
                wait_for(service, badges[-1], STATES[round_ % 4], or_later=True)
                service.kill_service()
                service.serve()
            for badge in badges:
                wait_for(service, badge, "final")
            service.stop_service()
            audit = json.loads(service.ingam("audit", "--json").stdout)
            self.assertEqual(audit["findings"], [])

    def test_a_stop_is_orderly_and_quick(self):
        with running_service() as service:
            post(service)
            began = time.monotonic()
            service.process.send_signal(signal.SIGTERM)
            self.assertEqual(service.process.wait(60), 0, service.log()[-2000:])
            self.assertLess(time.monotonic() - began, 10)

    def test_stopped_while_a_node_keeps_its_answer_back(self):
        with LocalService() as service:
            service.start_chain()
            node = Node("slow", service.anvil.url, 1)
            self.addCleanup(node.stop)
            service.nodes = [node.url]
            service.configure()
            service.ingam("migrate")
            service.add_platform("한빛대학교 배지 플랫폼", [HANBIT])
            service.serve()
            late = {"methods": ["eth_sendRawTransaction"], "fault": "delay", "milliseconds": 5_000}
            node.set_rules([late])
            _, accepted = post(service)
            deadline = time.monotonic() + 180
            while "transaction prepared" not in service.log():
                self.assertLess(time.monotonic(), deadline, service.log()[-2000:])
                time.sleep(0.05)
            service.process.send_signal(signal.SIGTERM)
            self.assertEqual(service.process.wait(60), 0, service.log()[-2000:])
            node.set_rules([])
            service.serve()
            wait_for(service, accepted["id"], "final")
            service.stop_service()
            service.ingam("audit")


if __name__ == "__main__":
    unittest.main()
