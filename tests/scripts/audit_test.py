"""One altered byte in the database: `ingam audit` fails and names the row."""

import json
import shutil
import sqlite3
import unittest
from contextlib import closing

from service_under_test import running_service
from recovery_test import post, wait_for


class Audit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(running_service())
        accepted = post(cls.service)[1]
        cls.badge = accepted["id"]
        wait_for(cls.service, cls.badge, "final")
        cls.service.stop_service()
        cls.database = cls.service.directory / "ingam.db"
        cls.sound = cls.service.directory / "sound.db"
        cls.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(cls.database, cls.sound)

    @classmethod
    def execute(cls, statement: str, *values) -> list:
        with closing(sqlite3.connect(cls.database)) as connection:
            rows = connection.execute(statement, values).fetchall()
            connection.commit()
            return rows

    def setUp(self):
        for leftover in self.service.directory.glob("ingam.db-*"):
            leftover.unlink()
        shutil.copy(self.sound, self.database)

    def audit(self):
        done = self.service.ingam("audit", "--json", check=False)
        return done.returncode, json.loads(done.stdout)

    def flip(self, table: str, column: str, where: str = "1") -> None:
        """Flips the lowest bit of the last byte of one value."""
        query = f"SELECT rowid, {column} FROM {table} WHERE {where} LIMIT 1"
        ((row, value),) = self.execute(query)
        value = value[:-1] + bytes([value[-1] ^ 1])
        self.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", value, row)

    def assert_found(self, subject: str) -> None:
        code, report = self.audit()
        self.assertEqual(code, 1)
        subjects = [finding["subject"] for finding in report["findings"]]
        self.assertTrue(any(found.startswith(subject) for found in subjects), report["findings"])

    def test_a_sound_database_is_clean(self):
        code, report = self.audit()
        self.assertEqual((code, report["findings"]), (0, []))
        self.assertEqual((report["badges"], report["anchored"]), (1, 1))
        self.assertIn("clean", self.service.ingam("audit").stdout)

    def test_a_byte_of_a_tile(self):
        self.flip("tile", "hashes")
        self.assert_found("tile 0/0 of batch")

    def test_a_byte_of_a_salt(self):
        self.flip("badge", "salt")
        self.assert_found(f"badge {self.badge}")

    def test_a_byte_of_a_raw_transaction(self):
        self.flip("attempt", "raw")
        self.assert_found("attempt ")

    def test_a_byte_of_a_commitment(self):
        self.flip("batch", "commitment", "commitment IS NOT NULL")
        self.assert_found("batch ")

    def test_a_badge_row_that_is_gone(self):
        self.execute("DELETE FROM badge")
        self.assert_found(f"badge {self.badge}")


if __name__ == "__main__":
    unittest.main()
