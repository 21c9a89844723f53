"""What `ingam verify` says to strangers: with the service gone, with altered proofs, with a forger's
registry, with a node that answers three methods only."""

import copy
import json
import shutil
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import Request, urlopen

from service_under_test import BADGE, CHECKOUT, HANBIT, LocalService, running_service
from wallet_test import HOLDER, NEW_WALLET, wait_for_mint

OTHER = "https://example.org/issuer"
ORACLE = CHECKOUT / "tests" / "oracle" / "verify.py"
VERIFIED, NOT_VERIFIED, USAGE, PROVISIONAL, NOT_CHECKED = 0, 1, 2, 3, 4


def proof_of(service: LocalService, *arguments) -> dict:
    """Submits, waits until it is final, and its token where one is asked for; the proof document."""
    done = service.ingam("submit", "--url", service.url, "--json", *arguments, INGAM_KEY=service.key)
    badge = json.loads(done.stdout)
    if "--recipient" in arguments:
        wait_for_mint(service, badge["id"], "minted")
    done = service.ingam("proof", "--url", service.url, "--wait", "--timeout", 240, badge["proofToken"])
    return json.loads(done.stdout)


class Nodes(ThreadingHTTPServer):
    """Passes on what an `allowed` method asks, and refuses the rest."""

    def __init__(self, upstream: str, allowed: set[str]) -> None:
        asked = self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                request = json.loads(body)
                asked.append(request["method"])
                if request["method"] in allowed:
                    headers = {"content-type": "application/json"}
                    with urlopen(Request(upstream, body, headers), timeout=60) as response:
                        answer = response.read()
                else:
                    error = {"code": -32601, "message": "the method does not exist"}
                    reply = {"jsonrpc": "2.0", "id": request["id"], "error": error}
                    answer = json.dumps(reply).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_port}"


def values(node, path=()):
    """Every value of a JSON document that is no object or array, with its path."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from values(value, (*path, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from values(value, (*path, index))
    else:
        yield path, node


def altered(value):
    """Other values of the same type; a changed digit, a changed length."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value ^ 1]
    flipped = ("1" if value[-1] != "1" else "2") + ""
    return [value[:-1] + flipped, value + "0", value[:-1]]


def is_hint(path) -> bool:
    """Everything in an anchor but what selects a trust entry; and a token's owner, whom the chain
    names."""
    if path[0] == "anchors":
        return path[2] not in ("chainId", "registry")
    return path == ("token", "owner")


class Verification(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(running_service([HANBIT, OTHER]))
        cls.proof = proof_of(cls.service, BADGE, "--recipient", HOLDER)
        cls.foreign_proof = proof_of(cls.service, "--issuer", OTHER, BADGE)
        # from here on there is no service and no database: only files and a node
        cls.service.stop_service()
        for path in cls.service.directory.glob("ingam.db*"):
            path.unlink()
        shutil.rmtree(cls.service.directory / "receipts", ignore_errors=True)

    def verify(self, proof, badge=BADGE, rpc=None, trust=None):
        """(exit code, report or None, all that was said)."""
        path = self.service.directory / "presented.json"
        path.write_text(proof if isinstance(proof, str) else json.dumps(proof))
        rpc = ["--rpc", rpc or self.service.anvil.url]
        done = self.service.ingam(
            "verify", badge, "--proof", path, "--trust", trust or self.service.trust, *rpc, "--json",
            check=False,
        )  # fmt: skip
        try:
            report = json.loads(done.stdout)
        except ValueError:
            report = None
        return done.returncode, report, done.stdout + done.stderr

    def test_without_service_and_database(self):
        code, report, said = self.verify(self.proof)
        self.assertEqual(code, VERIFIED, said)
        self.assertEqual(report["verdict"], "verified")

    def test_a_badge_with_its_proof_inside_is_all_that_is_needed(self):
        proof, out = (self.service.directory / name for name in ("beside.json", "inside.json"))
        proof.write_text(json.dumps(self.proof))
        self.service.ingam("embed", BADGE, proof, "-o", out)
        alone = ["--trust", self.service.trust, "--rpc", self.service.anvil.url, "--json"]
        done = self.service.ingam("verify", out, *alone)
        self.assertEqual(json.loads(done.stdout)["verdict"], "verified")
        badge = json.loads(out.read_text())
        entries = badge["proof"] if isinstance(badge["proof"], list) else [badge["proof"]]
        entries[-1]["proofValue"] = entries[-1]["proofValue"][:-8]
        out.write_text(json.dumps(badge))
        done = self.service.ingam("verify", out, *alone, check=False)
        self.assertEqual(done.returncode, NOT_VERIFIED, done.stdout)
        done = self.service.ingam("verify", BADGE, *alone, check=False)
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertIn("--proof", done.stderr)

    def test_whose_the_badge_is_can_be_asked(self):
        path = self.service.directory / "asked.json"
        path.write_text(json.dumps(self.proof))
        known = [BADGE, "--proof", path, "--trust", self.service.trust]
        known += ["--rpc", self.service.anvil.url, "--json", "--recipient"]
        for address, code, outcome in [
            ("Learner-01@students.hanbit.example", VERIFIED, "passed"),
            ("learner-02@students.hanbit.example", NOT_VERIFIED, "failed"),
            ("did:example:learner", NOT_CHECKED, "not-checked"),
        ]:
            done = self.service.ingam("verify", *known, address, check=False)
            self.assertEqual(done.returncode, code, done.stdout)
            checks = {one["name"]: one["outcome"] for one in json.loads(done.stdout)["checks"]}
            self.assertEqual(checks["recipient"], outcome)
            self.assertNotIn(address, done.stdout + done.stderr)

    def test_every_check_is_printed(self):
        path = self.service.directory / "printed.json"
        path.write_text(json.dumps(self.proof))
        done = self.service.ingam(
            "verify", BADGE, "--proof", path, "--trust", self.service.trust, "--rpc",
            self.service.anvil.url,
        )  # fmt: skip
        for check in ("digest", "inclusion", "anchored", "final", "issuer-match", "receipt"):
            self.assertIn(check, done.stdout)

    def test_no_altered_value_is_verified(self):
        tried = 0
        for path, value in values(self.proof):
            if is_hint(path):
                continue
            for other in altered(value):
                proof = copy.deepcopy(self.proof)
                node = proof
                for step in path[:-1]:
                    node = node[step]
                node[path[-1]] = other
                code, _, said = self.verify(proof)
                self.assertNotEqual(code, VERIFIED, f"{path}: {other!r}\n{said}")
                tried += 1
        self.assertGreater(tried, 60)

    def test_altered_hints_change_nothing(self):
        for path, value in values(self.proof):
            if not is_hint(path):
                continue
            proof = copy.deepcopy(self.proof)
            node = proof
            for step in path[:-1]:
                node = node[step]
            del node[path[-1]]
            code, _, said = self.verify(proof)
            self.assertEqual(code, VERIFIED, f"{path}\n{said}")

    def test_the_owner_is_whom_the_chain_names(self):
        proof = copy.deepcopy(self.proof)
        self.assertEqual(proof["token"]["owner"], HOLDER.lower())
        proof["token"]["owner"] = NEW_WALLET.lower()
        code, report, said = self.verify(proof)
        self.assertEqual(code, VERIFIED, said)
        token = report["token"]
        self.assertEqual((token["status"], token["owner"]), ("held", HOLDER.lower()))

    def test_an_altered_badge(self):
        badge = json.loads(BADGE.read_text())
        badge["name"] = "another"
        path = self.service.directory / "altered.json"
        path.write_text(json.dumps(badge))
        self.assertEqual(self.verify(self.proof, badge=path)[0], NOT_VERIFIED)

    def test_a_badge_anchored_by_another_issuer(self):
        code, report, said = self.verify(self.foreign_proof)
        self.assertEqual(code, NOT_VERIFIED, said)
        check = next(check for check in report["checks"] if check["name"] == "issuer-match")
        self.assertEqual(check["outcome"], "failed")

    def test_a_forgers_registry_is_an_unknown_service(self):
        forged = copy.deepcopy(self.proof)
        other = self.service.deploy()["registry"]
        self.assertNotEqual(other, self.service.registry["registry"])
        forged["anchors"][0]["registry"] = other
        code, _, said = self.verify(forged)
        self.assertEqual(code, NOT_CHECKED, said)
        self.assertIn("unknown service", said.lower())

    def test_a_node_that_answers_three_methods_only(self):
        methods = {"eth_chainId", "eth_getBlockByNumber", "eth_call"}
        with Nodes(self.service.anvil.url, methods) as node:
            code, _, said = self.verify(self.proof, rpc=node.url)
            node.shutdown()
        self.assertEqual(code, VERIFIED, said)
        self.assertLessEqual(set(node.asked), methods)

    def test_no_node(self):
        code, _, said = self.verify(self.proof, rpc="http://127.0.0.1:9")
        self.assertEqual(code, NOT_CHECKED, said)

    def test_a_node_of_another_chain(self):
        trust = json.loads(self.service.trust.read_text())
        proof = copy.deepcopy(self.proof)
        trust["registries"][0]["chainId"] = proof["anchors"][0]["chainId"] = 1
        path = self.service.directory / "other-chain.json"
        path.write_text(json.dumps(trust))
        self.assertNotEqual(self.verify(proof, trust=path)[0], VERIFIED)

    def test_what_is_no_proof_document_is_not_verified(self):
        for text in ("not JSON", "{}", "[" * 100_000):
            self.assertEqual(self.verify(text)[0], NOT_VERIFIED)

    def test_a_file_that_is_not_there_is_wrong_usage(self):
        self.assertEqual(self.verify(self.proof, badge="/nonexistent")[0], USAGE)

    def test_the_independent_verifier_agrees(self):
        import subprocess
        import sys

        path = self.service.directory / "for-the-oracle.json"
        path.write_text(json.dumps(self.proof))
        done = subprocess.run(
            [sys.executable, ORACLE, path, "--digest", self.proof["badge"]["digest"], "--trust",
             self.service.trust, "--rpc", self.service.anvil.url],
            capture_output=True, text=True,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
