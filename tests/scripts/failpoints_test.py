"""Crashes at named places of the real binary; and none of those places in a release."""

import json
import subprocess
import tempfile
import unittest
from http.client import HTTPException
from pathlib import Path

from recovery_test import post, wait_for
from service_under_test import BADGE, CHECKOUT, LocalService, running_service

FAILPOINT = CHECKOUT / "services" / "store" / "src" / "failpoint.rs"
WORKER = CHECKOUT / "services" / "worker" / "src" / "failpoint.rs"
#: of the worker, each between two effects of an anchor
ANCHORING = (
    "before-cut", "after-cut", "before-tiles", "between-tiles-and-seal", "after-seal",
    "before-sign", "after-sign", "after-prepare", "after-send", "before-observe", "after-read",
    "after-observe", "before-conclude", "after-conclude",
)  # fmt: skip


def dies(service: LocalService) -> None:
    """Waits until the process has aborted."""
    code = service.process.wait(300)
    assert code == -6, f"ended with {code}\n{service.log()[-3000:]}"
    service.process = None


class Crashes(unittest.TestCase):
    def test_killed_around_the_commit_of_a_badge(self):
        with running_service() as service:
            stored = {}
            for failpoint, status in (("before-accept", 202), ("after-accept", 200)):
                service.stop_service()
                service.serve(INGAM_FAILPOINT=failpoint)
                credential = {**json.loads(BADGE.read_text()), "id": f"urn:example:{failpoint}"}
                with self.assertRaises((HTTPException, OSError), msg="nobody is answered"):
                    post(service, credential=credential)
                dies(service)
                service.serve()
                for expected in (status, 200):
                    answered, answer = post(service, credential=credential)
                    self.assertEqual(answered, expected, f"{failpoint}: {answer}")
                    promise = stored.setdefault(failpoint, answer["receipt"]["promise"])
                    self.assertEqual(answer["receipt"]["promise"], promise, "the identical promise")
                wait_for(service, answer["id"], "final")

    def test_killed_between_any_two_steps_every_badge_becomes_final_once(self):
        with running_service() as service:
            badges = []
            for failpoint in ANCHORING:
                service.stop_service()
                service.serve(INGAM_FAILPOINT=failpoint)
                credential = {**json.loads(BADGE.read_text()), "id": f"urn:example:{failpoint}"}
                status, answer = post(service, credential=credential)
                self.assertEqual(status, 202, answer)
                badges.append(answer["id"])
                dies(service)
                service.serve()
                wait_for(service, answer["id"], "final")
            service.stop_service()
            audit = json.loads(service.ingam("audit", "--json").stdout)
            self.assertEqual(audit["findings"], [])
            self.assertGreaterEqual(audit["anchored"], len(badges))


class Releases(unittest.TestCase):
    def strings(self, debug_assertions: str, opt_level: int) -> bytes:
        """What is compiled of the two files, with the rest of the worker left out."""
        with tempfile.TemporaryDirectory(dir=CHECKOUT / "target") as directory:
            source = Path(directory) / "failpoints.rs"
            source.write_text(f"""
                extern crate self as store;
                #[path = "{FAILPOINT}"] pub mod failpoint;
                #[path = "{WORKER}"] mod worker;
                pub enum StepError {{ Failpoint(&'static str) }}
                #[unsafe(no_mangle)]
                pub extern "C" fn reached() -> bool {{
                    failpoint::abort_at("after-accept");
                    worker::Failpoints::default().hit("after-send").is_ok()
                }}
            """)
            library = Path(directory) / "failpoints.so"
            subprocess.run(
                ["rustc", "--edition", "2024", "--crate-type", "cdylib", "-C", f"opt-level={opt_level}",
                 "-C", f"debug-assertions={debug_assertions}", "-A", "warnings",
                 "-C", "strip=symbols", "-o", library, source],
                check=True, cwd=CHECKOUT,
            )  # fmt: skip
            return library.read_bytes()

    def test_a_release_has_no_failpoints(self):
        names = (b"INGAM_FAILPOINT", b"after-accept", b"after-send")
        debug, release = self.strings("on", 0), self.strings("off", 3)
        for name in names:
            self.assertTrue(name in debug, name)
            self.assertFalse(name in release, name)


if __name__ == "__main__":
    unittest.main()
