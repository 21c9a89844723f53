"""The embedded database under kill -9, on a full disk, and locked by somebody else."""

import json
import random
import resource
import shutil
import signal
import sqlite3
import tempfile
import threading
import time
import unittest
import urllib.error
from contextlib import closing
from pathlib import Path

from recovery_test import post, wait_for
from service_under_test import BADGE, LocalService, die_with_parent, running_service

KILLS = 20
SEED = 51
TEMPLATE = json.loads(BADGE.read_text())


def credential(name: str) -> dict:
    return {**TEMPLATE, "id": f"urn:example:storage:{name}"}


def integrity(service: LocalService) -> str:
    """What SQLite says of a copy of the files as they are; it reads the log as a start would."""
    with tempfile.TemporaryDirectory(dir=service.directory) as directory:
        for path in service.directory.glob("ingam.db*"):
            if not path.name.endswith((".lock", "-shm")):
                shutil.copy(path, directory)
        with closing(sqlite3.connect(Path(directory) / "ingam.db")) as database:
            broken = database.execute("PRAGMA foreign_key_check").fetchall()
            return str(broken or database.execute("PRAGMA integrity_check").fetchone()[0])


class Submitter(threading.Thread):
    """Posts one badge after the other, and keeps what was answered."""

    def __init__(self, service: LocalService) -> None:
        super().__init__(daemon=True)
        self.service, self.enough = service, threading.Event()
        self.answered: dict[str, dict] = {}

    def run(self) -> None:
        number = 0
        while not self.enough.is_set():
            number += 1
            try:
                status, answer = post(self.service, credential=credential(str(number)))
            except (urllib.error.URLError, OSError, ValueError):
                # killed meanwhile, or not started yet
                self.enough.wait(0.01)
                continue
            if status in (200, 202):
                self.answered[str(number)] = answer


class KilledAgainAndAgain(unittest.TestCase):
    def test_every_answered_receipt_is_there_after_each_kill(self):
        chance = random.Random(SEED)
        with running_service(max_count=50) as service:
            submitter = Submitter(service)
            submitter.start()
            for kill in range(KILLS):
                time.sleep(chance.uniform(0.02, 0.8))
                service.kill_service()
                answered = dict(submitter.answered)
                self.assertEqual(integrity(service), "ok", f"seed {SEED}, kill {kill}")
                service.serve()
                for name in chance.sample(sorted(answered), min(5, len(answered))):
                    status, again = post(service, credential=credential(name))
                    self.assertEqual(status, 200, f"seed {SEED}, kill {kill}: {again}")
                    promise = answered[name]["receipt"]["promise"]
                    self.assertEqual(again["receipt"]["promise"], promise)
            submitter.enough.set()
            submitter.join()
            self.assertGreater(len(submitter.answered), KILLS)
            for answer in submitter.answered.values():
                wait_for(service, answer["id"], "final")
            service.stop_service()
            self.assertEqual(json.loads(service.ingam("audit", "--json").stdout)["findings"], [])


def without_the_signal() -> None:
    """A write above the limit then fails, as on a full disk, instead of ending the process."""
    die_with_parent()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


class FullDisk(unittest.TestCase):
    def test_a_full_disk_refuses_badges_without_receipt_and_loses_nothing(self):
        with LocalService() as service:
            service.prepare()
            service.add_platform("한빛대학교", ["https://badges.hanbit.example/issuers/semiconductor"])
            service.serve(preexec_fn=without_the_signal)
            accepted = [post(service, credential=credential("before"))[1]]
            log = service.directory / "ingam.db-wal"
            endless = resource.RLIM_INFINITY
            # no file grows beyond this: the database's log soon, the text log too
            limit = log.stat().st_size + 100_000
            resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (limit, endless))
            refused = None
            for number in range(2_000):
                status, answer = post(service, credential=credential(str(number)))
                if status == 503:
                    refused = number
                    break
                self.assertEqual(status, 202, answer)
                accepted.append(answer)
            self.assertIsNotNone(refused, "the disk was never full")
            self.assertNotIn("receipt", answer)
            for _ in range(5):
                status, answer = post(service, credential=credential(f"again {refused}"))
                self.assertEqual((status, "receipt" in answer), (503, False), answer)
            status, _, body = service.request("GET", f"/v1/badges/{accepted[0]['id']}", key=service.key)
            self.assertEqual(status, 200, body)
            self.assertIsNone(service.process.poll(), service.log()[-2000:])

            resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (endless, endless))
            status, answer = post(service, credential=credential(str(refused)))
            self.assertIn(status, (200, 202), f"{answer}\n{service.log()[-3000:]}")
            accepted.append(answer)
            for answer in accepted:
                wait_for(service, answer["id"], "final")
            service.stop_service()
            self.assertEqual(integrity(service), "ok")
            self.assertEqual(json.loads(service.ingam("audit", "--json").stdout)["findings"], [])


class Locked(unittest.TestCase):
    def test_a_locked_database_refuses_badges_and_reads_go_on(self):
        with running_service() as service:
            accepted = post(service, credential=credential("before"))[1]
            path = service.directory / "ingam.db"
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                status, answer = post(service, credential=credential("meanwhile"))
                self.assertEqual((status, "receipt" in answer), (503, False), answer)
                reading = service.request("GET", f"/v1/badges/{accepted['id']}", key=service.key)
                self.assertEqual(reading[0], 200)
                other.execute("ROLLBACK")
            status, answer = post(service, credential=credential("meanwhile"))
            self.assertIn(status, (200, 202), answer)
            for one in (accepted, answer):
                wait_for(service, one["id"], "final")


if __name__ == "__main__":
    unittest.main()
