"""`scripts/demo` as a newcomer runs it."""

import csv
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.request

from service_under_test import CHECKOUT

DEMO = CHECKOUT / "scripts" / "demo"
REMOVE_CODE = CHECKOUT / "tests" / "scripts" / "remove_code.py"
BADGES = len(list((CHECKOUT / "scripts" / "demo-badges").glob("hanbit/*.json"))) + len(
    list((CHECKOUT / "scripts" / "demo-badges").glob("real/*.json"))
)

with open(CHECKOUT / "scripts" / "demo-badges" / "recipients.tsv", encoding="utf-8") as file:
    RECIPIENTS = list(csv.DictReader(file, delimiter="\t"))


def tokens(said: str) -> dict:
    """The table of tokens: badge → owner as shown and what the chain says."""
    rows = said[said.index("TOKEN OF") :].splitlines()
    rows = [row.split() for row in itertools.takewhile(str.strip, rows[1:])]
    return {row[0]: (row[1], row[4]) for row in rows}


def leftovers() -> set:
    return set((CHECKOUT / "target").glob("ingam-*"))


def demo(*arguments, **environment) -> subprocess.Popen:
    return subprocess.Popen(
        [DEMO, *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


class Demo(unittest.TestCase):
    def test_two_beside_each_other(self):
        before = leftovers()
        both = [demo("--once"), demo("--once")]
        for one in both:
            said, _ = one.communicate(timeout=600)
            self.assertEqual(one.returncode, 0, said)
            self.assertIn(f"{BADGES} of {BADGES} badges verified", said)
            self.assertEqual(said.count("  verified  "), BADGES, said)
            held = {
                row["badge"].removesuffix(".json"): (row["recipient"][:10] + "…", "held")
                for row in RECIPIENTS
            }
            self.assertEqual(tokens(said), held, said)
        self.assertEqual(leftovers() - before, set(), "state is deleted")

    def test_the_registrys_code_is_gone(self):
        one = demo("--once", DEMO_BEFORE_VERIFY=f"{sys.executable} {REMOVE_CODE}")
        said, _ = one.communicate(timeout=600)
        self.assertEqual(one.returncode, 1, said)
        self.assertIn(f"0 of {BADGES} badges verified", said)

    def test_a_taken_port_is_refused_when_it_was_asked_for(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            one = demo("--once", "--port", str(port))
            said, _ = one.communicate(timeout=240)
        self.assertEqual(one.returncode, 1, said)
        self.assertIn(f"port {port} is taken", said)

    def test_it_serves_until_ctrl_c(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        one = demo("--port", str(port))
        lines = []
        for line in one.stdout:
            lines.append(line)
            if "Ctrl-C ends it" in line:
                break
        said = "".join(lines)
        self.assertIn(f"serving on http://127.0.0.1:{port}", said)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/promise", timeout=60) as response:
            self.assertEqual(response.status, 200)
        environment = CHECKOUT / "target" / f"demo-{port}.env"
        self.assertTrue(environment.exists())
        began = time.monotonic()
        one.send_signal(signal.SIGINT)
        rest, _ = one.communicate(timeout=120)
        self.assertEqual(one.returncode, 0, said + rest)
        self.assertLess(time.monotonic() - began, 15)
        self.assertFalse(environment.exists())


if __name__ == "__main__":
    unittest.main()
