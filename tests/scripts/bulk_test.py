"""A term's end: 200,000 badges in one file, bounded memory, killed on the way and repeated."""

import hashlib
import json
import os
import signal
import sqlite3
import time
import unittest
from contextlib import closing

from service_under_test import HANBIT, running_service

COUNT = 200_000
BAD_LINE = 123_456
# the file alone is 20 MB, its receipts 150 MB; what the client may hold of them is bounded
CLIENT_MEMORY_KIB = 200_000


def digest(number: int) -> str:
    return hashlib.sha256(f"badge {number}".encode()).hexdigest()


def write_bulk_file(path) -> None:
    with open(path, "w") as file:
        file.write(json.dumps({"header": {"issuer": HANBIT}}) + "\n")
        for number in range(COUNT):
            wrong = number == BAD_LINE
            line = {"rule": "opaque", "digest": "rubbish" if wrong else digest(number)}
            file.write(json.dumps(line) + "\n")


class Bulk(unittest.TestCase):
    def test_200_000_lines_killed_midway_and_repeated(self):
        with running_service(max_count=1_000_000) as service:
            source = service.directory / "bulk.ndjson"
            write_bulk_file(source)
            command = lambda receipts: [  # noqa: E731
                "submit", "--bulk", source, "--url", service.url, "--trust", service.trust,
                "--receipts", receipts, "--in-flight", "2",
            ]  # fmt: skip

            # the service dies once a good part is stored
            first = service.directory / "first.ndjson"
            client = service.start_ingam(*command(first), INGAM_KEY=service.key)
            deadline = time.monotonic() + 300
            while stored(service) < COUNT // 4 and time.monotonic() < deadline:
                time.sleep(0.05)
            service.kill_service()
            client.send_signal(signal.SIGKILL)
            client.wait()
            at_the_kill = stored(service)
            self.assertGreaterEqual(at_the_kill, COUNT // 4)
            service.serve()

            second = service.directory / "second.ndjson"
            client = service.start_ingam(*command(second), INGAM_KEY=service.key)
            _, _, usage = os.wait4(client.pid, 0)
            said = (service.directory / "client.log").read_text()
            self.assertLess(usage.ru_maxrss, CLIENT_MEMORY_KIB, said[-2000:])
            self.assertIn(str(BAD_LINE + 2), said, "the bad line is named")

            before, after = promises(first), promises(second)
            self.assertEqual(len(after), COUNT - 1)
            self.assertGreater(len(before), 0)
            for key, promise in before.items():
                self.assertEqual(after[key], promise)
            service.stop_service()
            with closing(sqlite3.connect(service.directory / "ingam.db")) as connection:
                ((rows, positions),) = connection.execute(
                    "SELECT count(*), max(pos) - min(pos) + 1 FROM badge"
                ).fetchall()
            self.assertEqual((rows, positions), (COUNT - 1, COUNT - 1), "stored once, no gap")


def stored(service) -> int:
    path = f"file:{service.directory}/ingam.db?mode=ro"
    with closing(sqlite3.connect(path, uri=True)) as connection:
        ((last, first),) = connection.execute(
            "SELECT coalesce(max(next_pos), 0), coalesce(min(id), 1) << 48 FROM stream WHERE kind = 'anchor'"
        ).fetchall()
    return last - first if last else 0


def promises(path) -> dict:
    found = {}
    with open(path) as file:
        for line in file:
            if not line.endswith("\n"):
                break  # the last line of a killed client
            promise = json.loads(line)["receipt"]["promise"]
            found[promise["digest"]] = promise
    return found


if __name__ == "__main__":
    unittest.main()
