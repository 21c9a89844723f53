"""One broken test in any runner changes the totals and the exit code; the host's clock is refused."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from counting_test import counting
from service_under_test import CHECKOUT

MANIFEST = """
[package]
name = "two-tests"
version = "0.0.0"
edition = "2024"

[workspace]
"""
RUST = """
#[test]
fn sound() {}

#[test]
fn broken() {
    panic!("as intended");
}
"""
SOLIDITY = """
// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.30;

contract TwoTest {
    function test_sound() external pure {}

    function test_broken() external pure {
        assert(false);
    }
}
"""
PYTHON = """
import unittest

class Two(unittest.TestCase):
    def test_sound(self):
        pass

    def test_broken(self):
        self.fail("as intended")
"""
CLOCK = "pub fn now() -> std::time::SystemTime {\n    std::time::SystemTime::now()\n}\n"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


class Runners(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def crate(self, source: str) -> Path:
        write(self.directory / "Cargo.toml", MANIFEST)
        write(self.directory / "src" / "lib.rs", source)
        return self.directory / "Cargo.toml"

    def assert_one_failed(self, section) -> None:
        """Through `main`, as scripts/test runs it."""
        install = counting.Section("install", ["true"], counting.count_check)
        sections, run = counting.SECTIONS, counting.run
        said = io.StringIO()
        try:
            counting.SECTIONS = [section]
            counting.run = lambda one: run(install if one.name == "install" else one)
            with contextlib.redirect_stdout(said):
                code = counting.main([])
        finally:
            counting.SECTIONS, counting.run = sections, run
        self.assertEqual(said.getvalue().splitlines()[-1], "1 passed, 1 failed", said.getvalue())
        self.assertEqual(code, 1)

    def test_cargo(self):
        command = ["cargo", "test", "--offline", "--manifest-path", str(self.crate(RUST))]
        own = {"CARGO_TARGET_DIR": str(self.directory / "target")}
        self.assert_one_failed(counting.Section("rust", command, counting.count_cargo, own))

    def test_forge(self):
        solc = CHECKOUT / "contracts" / "tools" / "solc"
        write(self.directory / "foundry.toml", f'[profile.default]\nsolc = "{solc}"\noffline = true\n')
        write(self.directory / "test" / "Two.t.sol", SOLIDITY)
        forge = CHECKOUT / "contracts" / "node_modules" / ".bin" / "forge"
        command = [str(forge), "test", "--root", str(self.directory)]
        self.assert_one_failed(counting.Section("contracts", command, counting.count_forge))

    def test_unittest(self):
        write(self.directory / "two_test.py", PYTHON)
        command = [
            sys.executable, "-m", "unittest", "discover", "--start-directory", str(self.directory),
            "--pattern", "*_test.py",
        ]  # fmt: skip
        self.assert_one_failed(counting.Section("scripts", command, counting.count_unittest))

    def test_the_hosts_clock_is_refused_by_the_lints(self):
        own = {
            **os.environ,
            "CLIPPY_CONF_DIR": str(CHECKOUT),
            "CARGO_TARGET_DIR": str(self.directory / "target"),
        }
        command = ["cargo", "clippy", "--offline", "--quiet", "--manifest-path", self.crate(CLOCK)]
        done = subprocess.run(
            [*command, "--", "-D", "warnings"], env=own, capture_output=True, text=True
        )
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("disallowed method `std::time::SystemTime::now`", done.stderr)


if __name__ == "__main__":
    unittest.main()
