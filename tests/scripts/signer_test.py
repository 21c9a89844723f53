"""Whose key it is, and what it may do; a service whose key is elsewhere."""

import json
import unittest

from recovery_test import post, wait_for
from service_under_test import HANBIT, SIGNER_ADDRESS, LocalService


class Signers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(LocalService())
        cls.service.prepare()
        cls.service.add_platform("한빛대학교", [HANBIT])
        cls.sound = cls.service.config.read_text()
        cls.dev_key = f'dev_key_file = "{cls.service.directory}/signer.key"'

    def tearDown(self):
        self.service.config.write_text(self.sound)

    def configure(self, *lines: str) -> None:
        self.assertIn(self.dev_key, self.sound)
        self.service.config.write_text(self.sound.replace(self.dev_key, "\n".join(lines)))

    def at_anvil(self) -> None:
        """anvil holds the same key, and signs with it over JSON-RPC."""
        self.configure(
            f'remote_url = "{self.service.anvil.url}"',
            'remote_interface = "eth_signTransaction"',
            f'address = "{SIGNER_ADDRESS}"',
        )

    def signer(self, *arguments):
        return self.service.ingam("signer", *arguments, check=False)

    def refused(self) -> str:
        done = self.signer("address", "--insecure-dev-key")
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        return done.stderr

    def test_its_address(self):
        done = self.signer("address", "--insecure-dev-key")
        self.assertEqual(done.stdout.strip(), SIGNER_ADDRESS, done.stderr)

    def test_a_raw_key_needs_consent(self):
        self.assertIn("--insecure-dev-key", self.signer("address").stderr)

    def test_what_it_may_do(self):
        done = self.signer("check", "--insecure-dev-key", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        self.assertEqual(said["address"], SIGNER_ADDRESS)
        self.assertEqual(
            [said["operator"], said["revoker"], said["paused"]], [True, True, False]
        )
        self.assertGreater(int(said["balanceWei"]), 10**18)
        self.assertEqual(said["nonce"], int(self.nonce(), 16))

    def nonce(self) -> str:
        return self.service.anvil.call("eth_getTransactionCount", SIGNER_ADDRESS, "latest")

    def test_a_stranger_may_do_nothing(self):
        key = self.service.directory / "stranger.key"
        key.write_text("0x" + "42" * 32)
        self.configure(f'dev_key_file = "{key}"')
        done = self.signer("check", "--insecure-dev-key")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stdout.count("NO\n"), 2, done.stdout)
        self.assertIn("owns\t0 wei", done.stdout)

    def test_another_account_than_configured(self):
        self.configure(self.dev_key, f'address = "0x{"11" * 20}"')
        said = self.refused()
        self.assertIn(SIGNER_ADDRESS, said)
        self.assertIn("0x" + "11" * 20, said)

    def test_two_places_of_a_key(self):
        self.configure(self.dev_key, 'aws_kms_key_id = "alias/ingam"')
        self.assertIn("signer.aws_kms_key_id and signer.dev_key_file", self.refused())

    def test_key_services_that_are_not_built_in(self):
        for line, feature in (
            ('aws_kms_key_id = "alias/ingam"', "aws-kms"),
            ('gcp_kms_key_version = "projects/p"', "gcp-kms"),
        ):
            self.configure(line)
            self.assertIn(f"--features {feature}", self.refused())

    def test_a_signing_service_that_is_not_there(self):
        self.configure(
            'remote_url = "http://user:hunter2@127.0.0.1:9/"', f'address = "{SIGNER_ADDRESS}"'
        )
        said = self.refused()
        self.assertIn("127.0.0.1:9", said)
        self.assertNotIn("hunter2", said)

    def test_a_badge_is_anchored_with_a_key_that_is_elsewhere(self):
        self.at_anvil()
        done = self.signer("check")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        (self.service.directory / "signer.key").rename(self.service.directory / "away.key")
        try:
            self.service.serve()
            wait_for(self.service, post(self.service)[1]["id"], "final")
        finally:
            self.service.stop_service()
            (self.service.directory / "away.key").rename(self.service.directory / "signer.key")


if __name__ == "__main__":
    unittest.main()
