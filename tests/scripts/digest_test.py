"""`ingam digest` against implementations that we did not write; see tests/digest-oracles.

Which texts are compared is a rule: those that strict JSON allows, told by strict_json.py. All
others must be refused, with the code of a rule that they break.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path

from service_under_test import CHECKOUT, INGAM

ORACLES = CHECKOUT / "tests" / "digest-oracles"
sys.path.insert(0, str(ORACLES))
from generated_documents import documents  # noqa: E402
from strict_json import broken_rules  # noqa: E402

PYTHON = CHECKOUT / "target" / "digest-oracles" / "venv" / "bin" / "python"
SEED = 20_260_220
GENERATED = 6_000
CARRIED = 1_200
PNG = CHECKOUT / "tests" / "vectors" / "badges" / "ob2-baked-png" / "public_domain_heart.png"
SVG = CHECKOUT / "scripts" / "demo-badges" / "hanbit" / "common-bronze.svg"
# arguments of one process: the kernel takes about 2 MB
FILES_AT_ONCE = 2_000
# refused for what it is, although it is strict JSON in a sound carrier
FORBIDDEN_ANYWHERE = {"ambiguous_form", "presentation", "enveloped_credential", "unsupported_form"}
REFUSAL = re.compile(r"^(?P<path>.*): (?P<code>[a-z0-9_]+) at [^:]*: .+$")


def digests(paths: list[Path]) -> tuple[dict[Path, str], dict[Path, str]]:
    """What `ingam digest` says: the digests, and the codes of what it refused."""
    accepted, refused = {}, {}
    for start in range(0, len(paths), FILES_AT_ONCE):
        some = paths[start : start + FILES_AT_ONCE]
        done = subprocess.run([INGAM, "digest", *some], capture_output=True, text=True)
        for line in done.stdout.splitlines():
            digest, rule, _form, path = line.split(" ", 3)
            assert rule == "jcs-sha256-v1", line
            accepted[Path(path)] = digest
        for line in done.stderr.splitlines():
            said = REFUSAL.match(line)
            assert said, line
            refused[Path(said["path"])] = said["code"]
    assert accepted.keys() | refused.keys() == set(paths), "a file without an answer"
    assert not accepted.keys() & refused.keys()
    return accepted, refused


def ask(command: list, paths: list[Path]) -> list[str]:
    lines = "".join(f"{path}\n" for path in paths)
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, input=lines, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    answers = done.stdout.splitlines()
    assert len(answers) == len(paths), done.stdout + done.stderr
    return answers


def by_others(paths: list[Path]) -> dict[str, dict[Path, str]]:
    """The digests of JSON files by each of the two implementations."""
    commands = {
        "rfc8785": [PYTHON, ORACLES / "rfc8785_digests.py"],
        "canonicalize": ["node", ORACLES / "canonicalize_digests.js"],
    }
    answers = {}
    for name, command in commands.items():
        rows = [line.rsplit(" ", 1) for line in ask(command, paths)]
        answers[name] = {Path(path): digest for digest, path in rows}
    return answers


class Digests(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def write(self, texts: list[bytes]) -> dict[Path, bytes]:
        files = {self.directory / f"{at:05}.json": text for at, text in enumerate(texts)}
        for path, text in files.items():
            path.write_bytes(text)
        return files

    def assert_same(self, accepted: dict[Path, str], texts: dict[Path, Path]) -> None:
        """`texts` gives, for each accepted file, the JSON file that was found in it."""
        for name, answers in by_others(list(texts.values())).items():
            for path, text in texts.items():
                said = f"{name}: {path}\n{text.read_bytes()[:2_000]!r}"
                self.assertEqual(accepted[path], answers[text], said)

    def test_generated_documents(self):
        files = self.write(documents(SEED, GENERATED))
        accepted, refused = digests(list(files))
        seen = Counter()
        for path, text in files.items():
            broken = broken_rules(text)
            self.assertEqual(path in refused, bool(broken), f"{broken} {refused.get(path)} {text!r}")
            if broken:
                seen.update(broken)
                # a text that is no JSON may break other rules before the place where it ends
                if broken.isdisjoint({"syntax", "invalid_utf8"}):
                    self.assertIn(refused[path], broken, repr(text))
        self.assertGreater(len(accepted), GENERATED * 2 // 3)
        self.assertEqual(len(seen), 10, seen)
        self.assert_same(accepted, {path: path for path in accepted})
        self.assertGreater(len(set(accepted.values())), len(accepted) * 9 // 10)

    def unbaked(self, paths: list[Path]) -> dict[Path, dict]:
        """What other programs find in files of any form."""
        directory = self.directory / "unbaked"
        directory.mkdir()
        command = [PYTHON, ORACLES / "carried.py", "unbake", directory]
        return {Path(row["path"]): row for row in map(json.loads, ask(command, paths))}

    def test_every_fixture(self):
        folders = [CHECKOUT / "tests" / "vectors" / "badges", CHECKOUT / "scripts" / "demo-badges"]
        paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
        accepted, refused = digests(paths)
        found = self.unbaked(paths)
        texts, forms = {}, Counter()
        for path, row in found.items():
            with self.subTest(path=str(path.relative_to(CHECKOUT))):
                if path in accepted:
                    self.assertIn("text", row, "others find no badge")
                    texts[path] = Path(row["text"])
                    forms[row["form"]] += 1
                elif "text" in row:
                    broken = broken_rules(Path(row["text"]).read_bytes())
                    self.assertIn(refused[path], broken | FORBIDDEN_ANYWHERE, row)
        self.assert_same(accepted, texts)
        for form, least in {"json": 120, "jws": 8, "png": 5, "svg": 2}.items():
            self.assertGreaterEqual(forms[form], least, form)

    def carry(self, verb: str, paths: list[Path], *arguments) -> list[Path]:
        """Wraps each file by programs of others; the new files, in the same order."""
        directory = Path(tempfile.mkdtemp(dir=self.directory))
        command = [PYTHON, ORACLES / "carried.py", verb, *arguments, directory]
        return [Path(line) for line in ask(command, paths)]

    def test_generated_documents_in_tokens_and_images(self):
        texts = [
            text for text in documents(SEED + 1, CARRIED)
            if not broken_rules(text) and "type" in json.loads(text.decode("utf-8-sig"))
        ]  # fmt: skip
        files = self.write(texts)
        bare, refused = digests(list(files))
        self.assertFalse(refused)
        # characters that XML does not have, and the end of the section that the bakery writes
        in_xml = [
            path for path, text in files.items()
            if b"]]>" not in text and not re.search("[\ufffe\uffff]", text.decode())
        ]  # fmt: skip
        self.assertGreater(len(in_xml), 150)
        tokens = self.carry("sign", list(files))
        for carried, originals in (
            (tokens, files),
            (self.carry("bake", list(files), PNG), files),
            (self.carry("bake", tokens, PNG), files),
            (self.carry("bake", in_xml, SVG), in_xml),
            (self.carry("bake", tokens, SVG), files),
        ):
            accepted, refused = digests(carried)
            for file, original in zip(carried, originals):
                text = files[original]
                self.assertIn(file, accepted, f"{refused.get(file)} {text!r}")
                self.assertEqual(accepted[file], bare[original], repr(text))

    def test_a_reader_that_has_seen_enough_ends_it_without_a_word(self):
        badge = CHECKOUT / "tests" / "vectors" / "badges" / "ob3-json" / "simple.json"
        # more than a pipe holds
        arguments = [badge] * 1_000
        with subprocess.Popen(
            [INGAM, "digest", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            process.stdout.readline()
            process.stdout.close()
            self.assertEqual(process.stderr.read(), b"")
            self.assertEqual(process.wait(), -signal.SIGPIPE)


if __name__ == "__main__":
    unittest.main()
