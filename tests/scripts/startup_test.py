"""What is wrong at the start is refused, by name and place."""

import json
import signal
import time
import unittest

from service_under_test import BADGE, HANBIT, LocalService, running_service


class Startup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(LocalService())
        cls.service.prepare()
        cls.service.add_platform("한빛대학교", [HANBIT])
        cls.sound = cls.service.config.read_text()

    def tearDown(self):
        self.service.config.write_text(self.sound)

    def refused(self, *arguments, changes=(), **environment) -> str:
        """Starts with an altered configuration; what it says as it refuses."""
        text = self.sound
        for before, after in changes:
            self.assertIn(before, text)
            text = text.replace(before, after)
        self.service.config.write_text(text)
        done = self.service.ingam(*(arguments or SERVE), check=False, **environment)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return (done.stdout + done.stderr).lower()

    def test_another_chain(self):
        said = self.refused(changes=[("chain_id = 31337", "chain_id = 1")])
        self.assertIn("31337", said)

    def test_no_node_at_a_first_start(self):
        with LocalService() as service:
            service.prepare()
            text = service.config.read_text()
            away = "http://user:secret@127.0.0.1:9"
            service.config.write_text(text.replace(service.anvil.url, away))
            done = service.ingam(*SERVE, check=False)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("127.0.0.1:9", done.stdout + done.stderr)
        self.assertNotIn("secret", done.stdout + done.stderr)

    def test_no_contract(self):
        registry = self.service.registry["registry"]
        said = self.refused(changes=[(registry, "0x" + "11" * 20)])
        self.assertIn("0x" + "11" * 20, said)

    def test_another_contract(self):
        code_hash = self.service.registry["codeHash"]
        said = self.refused(changes=[(code_hash, "0x" + "22" * 32)])
        self.assertIn("code", said)

    def test_a_raw_key_without_consent(self):
        self.assertIn("--insecure-dev-key", self.refused("serve"))

    def test_a_signer_without_role(self):
        key = self.service.directory / "stranger.key"
        key.write_text("0x" + "42" * 32)
        key.chmod(0o600)
        said = self.refused(changes=[("signer.key", "stranger.key")])
        self.assertIn("operator", said)

    def test_no_database(self):
        said = self.refused(changes=[("/ingam.db", "/nothing.db")])
        self.assertIn("ingam migrate", said)

    def test_an_unknown_word_in_the_configuration(self):
        said = self.refused(changes=[("[seal]", "[seal]\nmax_cuont = 7")])
        self.assertIn("max_cuont", said)

    def test_an_undecided_budget(self):
        said = self.refused(changes=[('on_cap = "breach_budget"', "")])
        self.assertIn("on_cap", said)

    def test_api_and_worker_alone_on_the_embedded_database(self):
        for role in ("api", "worker"):
            said = self.refused(role, *(["--insecure-dev-key"] if role == "worker" else []))
            self.assertIn("postgres", said)

    def test_two_processes_on_one_embedded_database(self):
        self.service.serve()
        try:
            self.assertIn("another process", self.refused())
        finally:
            self.service.stop_service()


class NodesAway(unittest.TestCase):
    """A service that ran before is started again while its only node hangs."""

    def setUp(self):
        self.service = self.enterContext(running_service())
        self.badge = self.accepted("before")
        self.wait_for_final(self.badge["id"])
        self.service.stop_service()
        self.anvil(signal.SIGSTOP)
        # a stopped process does not end
        self.addCleanup(self.anvil, signal.SIGCONT)

    def anvil(self, signal_):
        self.service.anvil.process.send_signal(signal_)

    def post(self, name: str):
        credential = json.loads(BADGE.read_text())
        credential["id"] = f"https://badges.hanbit.example/nodes-away/{name}"
        status, headers, answer = self.service.request(
            "POST", "/v1/badges", {"credential": credential}, key=self.service.key
        )
        return status, headers, json.loads(answer)

    def accepted(self, name: str) -> dict:
        status, _, answer = self.post(name)
        self.assertIn(status, (200, 202), answer)
        return answer

    def wait_for_final(self, badge: str) -> None:
        deadline = time.monotonic() + 180
        state = None
        while state != "final":
            self.assertLess(time.monotonic(), deadline, f"{state}\n{self.service.log()[-3000:]}")
            answer = self.service.request("GET", f"/v1/badges/{badge}", key=self.service.key)
            state = json.loads(answer[2])["state"]
            time.sleep(0.05)

    def test_reads_go_on_and_the_rest_follows(self):
        self.service.serve()  # until it is ready
        path = f"/v1/proofs/{self.badge['proofToken']}"
        status, _, proof = self.service.request("GET", path)
        self.assertEqual(status, 200, proof)
        self.assertEqual(self.service.request("GET", "/v1/promise")[0], 200)
        status, headers, problem = self.post("meanwhile")
        self.assertEqual((status, problem["code"]), (503, "promise_at_risk"))
        self.assertIn("no node of the chain has answered", problem["detail"])
        self.assertIn("retry-after", headers)
        self.assertEqual(self.post("before")[0], 200, "a known badge has its promise")

        self.anvil(signal.SIGCONT)
        deadline = time.monotonic() + 180
        while (done := self.post("meanwhile"))[0] == 503:
            self.assertLess(time.monotonic(), deadline, self.service.log()[-3000:])
            time.sleep(0.1)
        self.assertEqual(done[0], 202, done)
        self.wait_for_final(done[2]["id"])
        self.assertEqual(self.service.log().count("no node of the chain answers"), 1)

    def test_another_contract_that_is_found_later_ends_the_process(self):
        self.anvil(signal.SIGCONT)
        self.service.anvil.call("anvil_setCode", self.service.registry["registry"], "0x00")
        self.anvil(signal.SIGSTOP)
        self.service.serve()
        self.anvil(signal.SIGCONT)
        self.assertNotEqual(self.service.process.wait(180), 0)
        self.assertIn("is another one: its code hash is", self.service.log())


SERVE = ("serve", "--insecure-dev-key")

if __name__ == "__main__":
    unittest.main()
