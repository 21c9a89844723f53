"""The service and its database killed again and again, while badges come in; see kill_loop.py."""

import os
import unittest

from service_under_test import Failed, LocalService

from kill_loop import KillLoop, build_programs  # beside local_service
from throwaway_postgres import Server, home

# the longer runs are those of scripts/soak kill
SECONDS = 45


class Kills(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        build_programs()

    def survives(self, database: str, seed: int) -> None:
        said = []
        loop = KillLoop(database, seed, said.append)
        summary = loop.run(SECONDS)
        self.assertEqual(set(loop.events), {action.__name__ for action in loop.kinds}, said)
        self.assertGreaterEqual(loop.events["kill"], 2, said)
        print(f"{database}: {summary}")

    def test_one_process_on_the_embedded_database(self):
        self.survives("sqlite", 1)

    def test_two_workers_on_a_database_that_is_killed_too(self):
        self.survives("postgres", 2)


class Durability(unittest.TestCase):
    def test_a_database_that_forgets_commits_is_refused(self):
        server = Server(home(), f"durability-{os.getpid()}")
        self.addCleanup(server.stop)
        server.start()
        forgetful = server.url() + "&options=-c%20synchronous_commit%3Doff"
        with LocalService(database=forgetful) as service:
            service.start_chain()
            service.configure()
            with self.assertRaises(Failed) as refused:
                service.ingam("migrate")
            self.assertIn("synchronous_commit", str(refused.exception))
            service.database = server.url()
            service.configure()
            service.ingam("migrate")


if __name__ == "__main__":
    unittest.main()
