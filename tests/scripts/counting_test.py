"""scripts/test adds up what the runners say, and a silent or broken runner is a failure."""

import importlib.machinery
import importlib.util
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "test"


def load():
    loader = importlib.machinery.SourceFileLoader("scripts_test", str(SCRIPT))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their module up by name
    import sys

    sys.modules[loader.name] = module
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


counting = load()


class Counting(unittest.TestCase):
    def numbers(self, count):
        return (count.passed, count.failed)

    def test_cargo_sums_all_binaries(self):
        output = (
            "test result: ok. 8 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n"
            "test result: FAILED. 3 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out\n"
        )
        count = counting.count_cargo(output, 101)
        self.assertEqual(self.numbers(count), (11, 2))
        self.assertEqual(count.skipped, ["1 ignored Rust tests"])

    def test_cargo_that_does_not_compile_is_one_failure(self):
        self.assertEqual(self.numbers(counting.count_cargo("error: could not compile", 101)), (0, 1))

    def test_forge_totals(self):
        line = "Ran 5 test suites in 3.2s (4.1s CPU time): 41 tests passed, 1 failed, 0 skipped (42 total tests)"
        self.assertEqual(self.numbers(counting.count_forge(line, 1)), (41, 1))

    def test_forge_without_tests_is_a_failure(self):
        self.assertEqual(self.numbers(counting.count_forge("No tests found in project!", 0)), (0, 1))

    def test_unittest_totals(self):
        good = "Ran 7 tests in 0.1s\n\nOK\n"
        self.assertEqual(self.numbers(counting.count_unittest(good, 0)), (7, 0))
        bad = "Ran 7 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=1)\n"
        self.assertEqual(self.numbers(counting.count_unittest(bad, 1)), (3, 3))

    def test_a_killed_runner_is_a_failure(self):
        line = "test result: ok. 8 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n"
        self.assertEqual(self.numbers(counting.count_cargo(line, -9)), (8, 1))


if __name__ == "__main__":
    unittest.main()
