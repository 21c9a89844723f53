"""`ingam embed` against verifiers and readers that are not ours: no issuer's signature breaks, no
image changes for those who unbake it, and the one risk that FORMAT.md names is a fact."""

import hashlib
import json
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from service_under_test import CHECKOUT, INGAM

VERIFIERS = CHECKOUT / "tests" / "credential-verifiers"
FIXTURES = CHECKOUT / "tests" / "vectors" / "badges"
PYTHON = CHECKOUT / "target" / "digest-oracles" / "venv" / "bin" / "python"
OURS = VERIFIERS / "signed"

# signed with eddsa-rdfc-2022 by 1EdTech, by the Digital Credentials Consortium, and by sign_credentials.js
CREDENTIALS = [
    FIXTURES / "ob3-json" / "simple.json",
    FIXTURES / "ob3-json" / "dcc-v2OBv3SpecExample.json",
    OURS / "eddsa-rdfc-2022.json",
]
# by the W3C and by 1EdTech: the issuer is not the key's controller, or a status would be fetched
KEY_ONLY = [
    FIXTURES / "vc-di-vectors" / "eddsa-rdfc-2022_signedDataInt.json",
    FIXTURES / "ob3-json" / "complete.json",
]
TOKENS = [OURS / "flattened.jws.json", OURS / "general.jws.json"]

UNBAKE = """
import sys
import png
from openbadges_bakery import unbake
for path in sys.argv[1:]:
    with open(path, "rb") as image:
        if path.endswith(".png"):
            # checks the checksum of every chunk
            for kind, data in png.Reader(bytes=image.read()).chunks():
                pass
            image.seek(0)
        print(repr(unbake(image)))
"""


def digest_of(badge: Path) -> str:
    done = subprocess.run([INGAM, "digest", badge], capture_output=True, text=True, check=True)
    return done.stdout.split(" ", 1)[0]


def proof_of(digest: str) -> dict:
    """A document of a batch of two; that it is anchored nowhere is the verifier's question."""
    return {
        "format": "ingam-proof/1",
        "badge": {
            "rule": "jcs-sha256-v1",
            "digest": digest,
            "issuer": "https://badges.hanbit.example/",
            "salt": hashlib.sha256(b"a salt").hexdigest(),
        },
        "inclusion": {"index": 1, "treeSize": 2, "path": [hashlib.sha256(b"a leaf").hexdigest()]},
        "anchors": [{"chainId": 31337, "registry": "0x" + "11" * 20}],
    }


class Embedding(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def ingam(self, *arguments) -> subprocess.CompletedProcess:
        return subprocess.run([INGAM, "embed", *arguments], capture_output=True, text=True)

    def proof_file(self, digest: str, **other) -> Path:
        path = self.directory / "proof.json"
        path.write_text(json.dumps({**proof_of(digest), **other}))
        return path

    def embedded(self, badge: Path) -> Path:
        out = self.directory / f"with-proof-{badge.name}"
        done = self.ingam(badge, self.proof_file(digest_of(badge)), "-o", out)
        self.assertEqual((done.returncode, done.stdout), (0, f"{out}\n"), done.stderr)
        self.assertEqual(digest_of(out), digest_of(badge))
        self.assertNotEqual(out.read_bytes(), badge.read_bytes())
        return out

    def verdicts(self, mode: str, *files: Path) -> list[str]:
        command = ["node", VERIFIERS / "verify_credentials.js", mode, *files]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), len(files), done.stdout + done.stderr)
        return [line.removeprefix(f"{file} ") for file, line in zip(files, lines)]

    def assert_kept(self, mode: str, badge: Path, content: str, altered: str) -> None:
        """Verified before and after; and the verifier does look at what is signed."""
        after = self.embedded(badge)
        forged = self.directory / f"forged-{badge.name}"
        text = after.read_text()
        self.assertIn(content, text)
        forged.write_text(text.replace(content, altered))
        before, after, forged = self.verdicts(mode, badge, after, forged)
        self.assertEqual((before, after), ("verified", "verified"), badge.name)
        self.assertRegex(forged, "^rejected .*([Ii]nvalid signature|signature verification failed)")

    def test_eddsa_rdfc_2022_still_verifies(self):
        for badge in CREDENTIALS:
            name = json.loads(badge.read_text("utf-8-sig"))["name"]
            with self.subTest(badge.name):
                self.assert_kept("known-proofs", badge, f'"{name}"', '"Another name"')

    def test_the_vectors_of_the_w3c_still_verify(self):
        for badge in KEY_ONLY:
            name = json.loads(badge.read_text("utf-8-sig"))["name"]
            with self.subTest(badge.name):
                self.assert_kept("key-binding", badge, f'"{name}"', '"Another name"')

    def test_a_jws_in_json_form_still_verifies(self):
        for badge in TOKENS:
            payload = json.loads(badge.read_text())["payload"]
            with self.subTest(badge.name):
                self.assert_kept("jws", badge, payload[:-4], payload[:-5] + "A")

    def test_a_verifier_that_demands_every_proof_rejects(self):
        """FORMAT.md, section 13: the risk, and the way around it, which is the file beside."""
        for badge in CREDENTIALS:
            before, after = self.verdicts("every-proof", badge, self.embedded(badge))
            self.assertEqual(before, "verified", badge.name)
            self.assertRegex(after, "^rejected .*no proofs matched|^rejected .*insufficient proofs")

    def test_images_are_the_same_to_the_bakery(self):
        badges = [
            FIXTURES / "ob2-baked-png" / "public_domain_heart.png",
            FIXTURES / "ob2-baked-png" / "baked_heart.png",
            FIXTURES / "ob2-baked-svg" / "baked_example.svg",
        ]
        badges = [badge for badge in badges if self.readable(badge)]
        self.assertTrue({".png", ".svg"} <= {badge.suffix for badge in badges}, badges)
        for badge in badges:
            command = [PYTHON, "-c", UNBAKE, badge, self.embedded(badge)]
            done = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            before, after = done.stdout.splitlines()
            self.assertNotIn(before, ("None", "''"), badge.name)
            self.assertEqual(before, after, badge.name)

    def readable(self, badge: Path) -> bool:
        return subprocess.run([INGAM, "digest", badge], capture_output=True).returncode == 0

    def test_the_signed_fixtures_are_what_their_generator_writes(self):
        command = ["node", VERIFIERS / "sign_credentials.js", self.directory]
        subprocess.run(command, check=True)
        fresh = {path.name: path.read_bytes() for path in self.directory.iterdir()}
        self.assertEqual(fresh, {path.name: path.read_bytes() for path in OURS.iterdir()})

    def test_refusals_have_a_code_and_write_nothing(self):
        badge = FIXTURES / "ob3-json" / "simple.json"
        assertion = FIXTURES / "ob2-json" / "basic-assertion.json"
        token = FIXTURES / "ob3-jwt" / "1edtech-simple.jwt"
        another = FIXTURES / "ob3-json" / "complete.json"
        for file, proven, other, code in [
            (badge, another, {}, "proof_of_another_badge"),
            (assertion, assertion, {}, "embedding_changes_digest"),
            (token, token, {}, "embedding_breaks_signature"),
            (badge, badge, {"anchors": []}, "proof_not_anchored"),
            (badge, badge, {"format": "ingam-proof/0"}, "proof_refused"),
        ]:
            kept = self.directory / "kept.json"
            done = self.ingam(file, self.proof_file(digest_of(proven), **other), "-o", kept)
            self.assertEqual((done.returncode, done.stdout), (1, ""), code)
            self.assertRegex(done.stderr, f": {re.escape(code)}: ")
            self.assertFalse(kept.exists())


if __name__ == "__main__":
    unittest.main()
