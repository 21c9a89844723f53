"""Badges in every form, as files and as a directory of them: `ingam digest`, `submit`, `proof` and
`verify`, with images that others baked."""

import base64
import json
import shutil
import unittest
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from service_under_test import BADGE, CHECKOUT, HANBIT, running_service

FIXTURES = CHECKOUT / "tests" / "vectors" / "badges"
# by 1EdTech and others; the name says what they are here
BAKED = {
    "a.json": FIXTURES / "ob3-json" / "simple.json",
    "a.png": FIXTURES / "ob3-baked-png" / "simple-json.png",
    "b.png": FIXTURES / "ob3-baked-png" / "simple-jwt_v1.png",
    "c.svg": FIXTURES / "ob3-baked-svg" / "simple-jwt.svg",
    "d.jwt": FIXTURES / "ob3-jwt" / "1edtech-simple.jwt",
}
ISSUERS = [
    HANBIT,
    "https://example.com/issuers/876543",
    "https://example.edu/issuers/565049",
    "https://1edtech.edu/issuers/565049",
]
FORMS = {"a.json": "json", "a.png": "png+json", "b.png": "png+jws", "c.svg": "svg+jws", "d.jwt": "jws"}
VERIFIED, NOT_VERIFIED, USAGE = 0, 1, 2


def baked_svg(badge: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/>'
        '<a:credential xmlns:a="https://purl.imsglobal.org/ob/v3p0"><![CDATA['
        f"{badge}]]></a:credential></svg>"
    )


class Forms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(running_service(ISSUERS))

    def ingam(self, *arguments, **options):
        return self.service.ingam(*arguments, INGAM_KEY=self.service.key, **options)

    def directory(self, name: str) -> Path:
        """Badges in every form, what is no badge beside them, a hidden file and a directory."""
        directory = self.service.directory / name
        (directory / "more").mkdir(parents=True)
        for file, fixture in BAKED.items():
            shutil.copyfile(fixture, directory / file)
        (directory / ".hidden.json").write_text("{}")
        (directory / "notes.txt").write_text("read me")
        (directory / "unbaked.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
        shutil.copyfile(BADGE, directory / "more" / "e.json")
        return directory

    def test_digests_of_a_directory(self):
        directory = self.directory("digests")
        done = self.ingam("digest", directory, check=False)
        self.assertEqual(done.returncode, 1, "two files are refused")
        rows = [line.split(" ", 3) for line in done.stdout.splitlines()]
        found = {Path(path).name: (digest, form) for digest, _rule, form, path in rows}
        self.assertEqual({name: form for name, (_, form) in found.items()}, FORMS)
        self.assertEqual(found["a.json"][0], found["a.png"][0], "an image is what is baked into it")
        said = done.stderr.splitlines()
        self.assertEqual(len(said), 2, said)
        self.assertIn("notes.txt: unknown_form", said[0])
        self.assertIn("unbaked.svg: no_badge", said[1])

        done = self.ingam("digest", "--json", "--recursive", directory, check=False)
        objects = {Path(row["file"]).name: row for row in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(set(objects), {*FORMS, "e.json", "notes.txt", "unbaked.svg"})
        self.assertEqual(objects["a.png"]["name"], "Teamwork")
        self.assertEqual(objects["a.png"]["standard"], "open-badges-3.0")
        self.assertEqual(objects["unbaked.svg"]["refused"]["code"], "no_badge")
        self.assertTrue(objects["unbaked.svg"]["advice"])

        # JSON of no badge has a digest, and a form that says what it is
        document = directory / "more" / "other.json"
        document.write_text('{"a": 1}')
        done = self.ingam("digest", document)
        self.assertRegex(done.stdout, r"^[0-9a-f]{64} jcs-sha256-v1 json .*other\.json\n$")
        for missing in (directory / "nothing", directory / "more" / "empty"):
            if missing.name == "empty":
                missing.mkdir()
            done = self.ingam("digest", missing, BADGE, check=False)
            self.assertEqual((done.returncode, len(done.stdout.splitlines())), (1, 1), done.stderr)
            self.assertIn(missing.name, done.stderr)

    def test_a_directory_is_submitted_proven_and_verified(self):
        directory = self.directory("badges")
        url = ["--url", self.service.url]
        done = self.ingam("submit", *url, "--json", "--recursive", directory, check=False)
        self.assertEqual(done.returncode, 1, "two files are no badges; the others are accepted")
        self.assertIn("unknown_form", done.stderr)
        self.assertIn("no_badge", done.stderr)
        rows = {Path(row["from"]).name: row for row in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(set(rows), {*FORMS, "e.json"})
        self.assertEqual(rows["a.json"]["id"], rows["a.png"]["id"])
        tokens = [row["proofToken"] for row in rows.values()]
        self.ingam("proof", *url, "--wait", "--timeout", 120, "--out", directory, *tokens)
        proofs = sorted(directory.glob("*.proof.json"))
        self.assertEqual(len(proofs), 5, "a proof for each digest")

        # what is no badge goes; proofs beside badges are found by their digests
        verify = ["verify", "--trust", self.service.trust, "--rpc", self.service.anvil.url]
        done = self.ingam(*verify, "--recursive", directory, check=False)
        lines = [line.split("\t") for line in done.stdout.splitlines()]
        verdicts = {Path(path).name: verdict for verdict, path, _reason in lines}
        self.assertEqual(verdicts.pop("notes.txt"), "not-verified")
        self.assertEqual(verdicts.pop("unbaked.svg"), "not-verified")
        self.assertEqual(verdicts, dict.fromkeys([*FORMS, "e.json"], "verified"), done.stdout)
        self.assertEqual(done.returncode, NOT_VERIFIED, "the worst of the directory")

        good = [directory / name for name in FORMS]
        done = self.ingam(*verify, "--proof", directory, "--json", *good)
        reports = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([report["file"] for report in reports], list(map(str, good)))
        self.assertEqual({report["verdict"] for report in reports}, {"verified"})

        # inside the badge, in the file alone
        proof = directory / f"{rows['a.png']['digest']}.proof.json"
        alone = self.service.directory / "with-proof.png"
        self.ingam("embed", directory / "a.png", proof, "-o", alone)
        done = self.ingam(*verify, alone, good[0], check=False)
        first, second = (line.split("\t")[0] for line in done.stdout.splitlines())
        self.assertEqual((first, second), ("verified", "no-proof"))
        self.assertEqual(done.returncode, USAGE)
        # a later submission of the same directory: what is a proof is no badge, and no failure
        again = self.ingam("submit", *url, "--json", directory, check=False)
        repeated = {json.loads(line)["id"] for line in again.stdout.splitlines()}
        self.assertEqual(repeated, {rows[name]["id"] for name in FORMS})
        self.assertNotIn(".proof.json", again.stderr)

        self.representations(directory, rows)

    def representations(self, directory: Path, rows: dict) -> None:
        """The same badge as somebody may present it, posted as files."""

        def ask(path: str, body: bytes) -> tuple[int, dict]:
            # what is declared decides nothing
            request = Request(f"{self.service.url}{path}", body, {"content-type": "text/plain"})
            try:
                with urlopen(request, timeout=60) as response:
                    return response.status, json.load(response)
            except HTTPError as refusal:
                return refusal.code, json.load(refusal)

        for name in ("a.png", "b.png", "c.svg", "d.jwt"):
            status, found = ask("/v1/proofs/lookup", (directory / name).read_bytes())
            self.assertEqual((status, found["presented"]["outcome"]), (200, "match"), name)
            self.assertEqual(found["proofs"][0]["badge"]["digest"], rows[name]["digest"])
            status, report = ask("/v1/verify", (directory / name).read_bytes())
            self.assertEqual((status, report["verdict"]), (200, "verified"), report)
        badge = json.loads((directory / "a.json").read_text())
        compacted = baked_svg(json.dumps(badge, separators=(",", ":"), sort_keys=True))
        badge["name"] = "Leadership"
        altered = baked_svg(json.dumps(badge))
        badge["id"] = "urn:uuid:5f0a2c1e-0000-4000-8000-000000000000"
        unknown = baked_svg(json.dumps(badge))
        for body, status, outcome in (
            (compacted, 200, "match"),
            (altered, 404, "other-content"),
            (unknown, 404, "unknown"),
            ("<svg/>", 422, "unreadable"),
        ):
            for path in ("/v1/proofs/lookup", "/v1/verify"):
                answer = ask(path, body.encode())
                self.assertEqual(answer[0], status, answer)
                self.assertEqual(answer[1]["presented"]["outcome"], outcome, answer)
                self.assertTrue(answer[1]["presented"]["advice"].endswith("."), answer)
        encoded = base64.b64encode((directory / "a.png").read_bytes()).decode()
        status, found = ask("/v1/proofs/lookup", json.dumps({"badgeBase64": encoded}).encode())
        self.assertEqual((status, found["presented"]["outcome"]), (200, "match"))


if __name__ == "__main__":
    unittest.main()
