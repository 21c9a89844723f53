"""The commands of the README do what it says."""

import re
import subprocess
import unittest

from service_under_test import CHECKOUT, running_service, write_environment

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.M | re.S)


class Readme(unittest.TestCase):
    def test_its_commands_verify_a_badge(self):
        self.assertGreaterEqual(len(BLOCKS), 6)
        self.assertEqual(BLOCKS[0].split("#")[0].strip(), ". target/demo-8080.env")
        with running_service() as service:
            environment = write_environment(service)
            script = "".join(BLOCKS).replace("target/", f"{service.directory}/")
            script = script.replace(f"{service.directory}/demo-8080.env", str(environment))
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script],
                cwd=CHECKOUT,
                capture_output=True,
                text=True,
                timeout=300,
            )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('"verdict":"verified"', done.stdout.replace(" ", ""))

    def test_the_two_commands_are_there(self):
        for command in ("scripts/demo", "scripts/test"):
            self.assertIn(f"\n    {command} ", README)
            self.assertTrue((CHECKOUT / command).stat().st_mode & 0o111)

    def test_its_links_lead_somewhere(self):
        for link in re.findall(r"\]\(([^)#]+)", README):
            self.assertTrue((CHECKOUT / link).exists(), link)


if __name__ == "__main__":
    unittest.main()
