"""What an operator ends in the trust file is believed no longer; what was before stays."""

import json
import unittest

from recovery_test import post, wait_for
from service_under_test import BADGE, SIGNER_ADDRESS, Failed, running_service


def published_versions(service) -> list:
    """Oldest first."""
    document = json.loads(service.request("GET", "/.well-known/ingam.json")[2])
    return sorted(document["history"], key=lambda version: version["version"])


class Trust(unittest.TestCase):
    def test_keys_and_operators_end(self):
        with running_service() as service:
            accepted = post(service)[1]
            wait_for(service, accepted["id"], "final")
            proof = service.directory / "proof.json"
            proof.write_bytes(service.request("GET", f"/v1/proofs/{accepted['proofToken']}")[2])
            before = published_versions(service)
            service.stop_service()

            def verify() -> int:
                return service.ingam(
                    "verify", BADGE, "--proof", proof, "--trust", service.trust, "--rpc",
                    service.anvil.url, check=False,
                ).returncode  # fmt: skip

            self.assertEqual(verify(), 0)
            key = accepted["receipt"]["proof"]["keyId"]
            service.ingam("trust", "retire-key", key, "--out", service.trust)
            self.assertEqual(verify(), 0, "a promise made before stays good")
            service.ingam("trust", "revoke-key", key, "--out", service.trust)
            self.assertEqual(verify(), 0, "a badge received before the revocation")
            registry = service.registry["registry"]
            service.ingam(
                "trust", "distrust", SIGNER_ADDRESS, "--registry", registry, "--from-block", 0,
                "--out", service.trust,
            )  # fmt: skip
            self.assertEqual(verify(), 1)

            unknown = service.ingam("trust", "revoke-key", "00" * 32, check=False)
            self.assertEqual(unknown.returncode, 1)
            self.assertIn("no receipt key", unknown.stderr)
            with self.assertRaisesRegex(Failed, "has ended in the trust file"):
                service.serve()
            service.ingam("migrate", "--new-receipt-key")
            service.serve()
            after = published_versions(service)
            self.assertEqual(after[: len(before)], before, "earlier versions are kept")
            self.assertEqual(len(after), len(before) + 4, "three ends and a new key")


if __name__ == "__main__":
    unittest.main()
