"""An erased badge leaves nothing behind but its leaf; every other proof still verifies."""

import json
import unittest

from recovery_test import post, wait_for
from service_under_test import BADGE, running_service


class Erasure(unittest.TestCase):
    def test_nothing_is_left_and_the_others_verify(self):
        with running_service() as service:
            template = json.loads(BADGE.read_text())
            kept = service.directory / "kept.json"
            kept.write_text(json.dumps({**template, "id": "urn:example:kept"}))
            accepted = [
                post(service, credential=json.loads(kept.read_text()))[1],
                post(service)[1],
            ]
            for one in accepted:
                wait_for(service, one["id"], "final")
            erased = accepted[1]
            open_one = post(service, credential={**template, "id": "urn:example:open"})[1]

            for one in (erased, open_one):
                status, _, _ = service.request("DELETE", f"/v1/badges/{one['id']}", key=service.key)
                self.assertEqual(status, 204)
                for path, key in (
                    (f"/v1/badges/{one['id']}", service.key),
                    (f"/v1/proofs/{one['proofToken']}", None),
                ):
                    self.assertEqual(service.request("GET", path, key=key)[0], 404)
                promise = one["receipt"]["promise"]
                lookup = {"rule": promise["rule"], "digest": promise["digest"]}
                self.assertEqual(service.request("POST", "/v1/proofs/lookup", lookup)[0], 404)

                for text in (promise["digest"], promise["salt"]):
                    for path in service.directory.iterdir():
                        if path.is_dir() or path == kept:
                            continue
                        content = path.read_bytes()
                        self.assertNotIn(bytes.fromhex(text), content, path)
                        self.assertNotIn(text.encode(), content, path)

            proof = service.directory / "proof.json"
            done = service.ingam("proof", "--url", service.url, "--wait", accepted[0]["proofToken"])
            proof.write_text(done.stdout)
            service.ingam(
                "verify", kept, "--proof", proof, "--trust", service.trust, "--rpc",
                service.anvil.url,
            )  # fmt: skip
            service.stop_service()
            service.ingam("audit")


if __name__ == "__main__":
    unittest.main()
