"""What is wrong at the start is refused, by name and place."""

import unittest

from service_under_test import HANBIT, LocalService


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

    def test_no_node(self):
        url = self.service.anvil.url
        said = self.refused(changes=[(url, "http://user:secret@127.0.0.1:9")])
        self.assertIn("127.0.0.1:9", said)
        self.assertNotIn("secret", said)

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


SERVE = ("serve", "--insecure-dev-key")

if __name__ == "__main__":
    unittest.main()
