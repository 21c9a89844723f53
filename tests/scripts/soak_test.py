"""What scripts/soak says and finds."""

import subprocess
import unittest

from service_under_test import CHECKOUT

SHORTCUTS = sorted((CHECKOUT / "tests" / "shortcuts").glob("*.patch"))


def soak(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run([CHECKOUT / "scripts" / "soak", *arguments], capture_output=True, text=True)


class Soak(unittest.TestCase):
    def test_a_few_seeds_are_run_and_counted(self):
        done = soak("simulation", "--seeds", "100000..100012", "--database", "sqlite")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("sqlite: 12 seeds in", done.stdout)

    def test_wrong_usage_is_refused(self):
        for arguments in ((), ("sleep",), ("simulation", "--seeds", "many"), ("shortcuts", "none")):
            self.assertEqual(soak(*arguments).returncode, 2, arguments)

    def test_each_shortcut_fits_the_code_as_it_is(self):
        self.assertGreaterEqual(len(SHORTCUTS), 5)
        for patch in SHORTCUTS:
            done = subprocess.run(
                ["patch", "--strip=1", "--dry-run", "--force", "--fuzz=0", "--input", patch],
                cwd=CHECKOUT, capture_output=True, text=True,
            )  # fmt: skip
            self.assertEqual(done.returncode, 0, f"{patch.name}: {done.stdout}")


if __name__ == "__main__":
    unittest.main()
