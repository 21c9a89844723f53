"""A badge's token before both verifiers, `ingam verify` and the independent one: against the real
contracts, and with documents that no service wrote."""

import copy
import itertools
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from service_under_test import BADGE, CHECKOUT, Anvil

from local_service import CHAIN_ID, INGAM  # noqa: E402

ORACLE = CHECKOUT / "tests" / "oracle"
sys.path.insert(0, str(ORACLE))
from hashes import commitment_of, entry_leaf, jcs, node, sha256  # noqa: E402

VERIFIED, NOT_VERIFIED, NOT_CHECKED, REVOKED = 0, 1, 4, 5
OWNER = "0x" + "33" * 20


def encoded(*values) -> bytes:
    """Arguments as Solidity's ABI has them: `int` is a word, `str` and `bytes` have a length, `list` is
    an array, `tuple` a struct with a member of unknown length."""
    head, tail = [], b""
    for value in values:
        if isinstance(value, int):
            head.append(value.to_bytes(32, "big"))
            continue
        head.append((32 * len(values) + len(tail)).to_bytes(32, "big"))
        if isinstance(value, str):
            value = value.encode()
        if isinstance(value, bytes):
            tail += len(value).to_bytes(32, "big") + value + bytes(-len(value) % 32)
        elif isinstance(value, list):
            tail += len(value).to_bytes(32, "big") + encoded(*value)
        else:
            tail += encoded(*value)
    return b"".join(head) + tail


def number(data) -> int:
    return int(data, 16) if isinstance(data, str) else int.from_bytes(data, "big")


class Contracts:
    """A registry and a collection; the chain's first account may do everything."""

    def __init__(self, anvil: Anvil) -> None:
        self.anvil = anvil
        self.account = anvil.call("eth_accounts")[0]
        admin = number(self.account)
        self.registry = self.deploy("AnchorRegistry", admin, 0, [admin], [admin])
        registry = number(self.registry)
        setup = (registry, admin, 0, [admin], "배지", "BADGE", "", 1)
        self.collection = self.deploy("BadgeToken", setup)
        self.send(self.registry, "addOperator(address)", number(self.collection))

    def deploy(self, name: str, *arguments) -> str:
        artifact = json.loads((CHECKOUT / "contracts" / "abi" / f"{name}.json").read_text())
        return self.mined({"data": artifact["bytecode"] + encoded(*arguments).hex()})["contractAddress"]

    def data(self, function: str, *arguments) -> str:
        selector = self.anvil.call("web3_sha3", "0x" + function.encode().hex())[:10]
        return selector + encoded(*arguments).hex()

    def mined(self, transaction: dict, sender: str | None = None) -> dict:
        transaction = {"from": sender or self.account, "gas": hex(12_000_000), **transaction}
        hash_ = self.anvil.call("eth_sendTransaction", transaction)
        # far enough that it is final
        self.anvil.call("anvil_mine", hex(8))
        receipt = self.anvil.call("eth_getTransactionReceipt", hash_)
        assert receipt["status"] == "0x1", receipt
        return receipt

    def send(self, to: str, function: str, *arguments, sender: str | None = None) -> None:
        self.mined({"to": to, "data": self.data(function, *arguments)}, sender)

    def ask(self, to: str, function: str, *arguments) -> int:
        call = {"to": to, "data": self.data(function, *arguments)}
        return number(self.anvil.call("eth_call", call, "latest"))


class TokenVerification(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        (CHECKOUT / "target").mkdir(exist_ok=True)
        directory = tempfile.TemporaryDirectory(prefix="tokens-", dir=CHECKOUT / "target")
        cls.directory = Path(cls.enterClassContext(directory))
        cls.anvil = Anvil(cls.directory)
        cls.addClassCleanup(cls.anvil.stop)
        cls.contracts = Contracts(cls.anvil)
        cls.salts = (sha256(bytes([at])).hex() for at in itertools.count())
        badge = json.loads(BADGE.read_text())
        cls.issuer, cls.digest = badge["issuer"]["id"], sha256(jcs(badge)).hex()
        cls.trust = {
            "format": "ingam-trust/1",
            "service": "https://ingam.example/",
            "publishedAt": "2026-01-01T00:00:00.000Z",
            "registries": [
                {
                    "chainId": CHAIN_ID,
                    "registry": cls.contracts.registry,
                    "tokenContracts": [cls.contracts.collection],
                    "fromBlock": 0,
                    "distrustedOperators": [],
                }
            ],
            "receiptKeys": [],
            "issuers": [
                {
                    "identifier": cls.issuer,
                    "alsoKnownAs": [],
                    "control": "manual",
                    "controlShownAt": "2026-01-01T00:00:00.000Z",
                }
            ],
        }

    def minted(self, mint: bool = True) -> dict:
        """The badge under a new salt, anchored, and minted as the middle one of three."""
        badge = {
            "rule": "jcs-sha256-v1",
            "digest": self.digest,
            "issuer": self.issuer,
            "salt": next(self.salts),
        }
        leaf = entry_leaf(badge)
        left, right = sha256(leaf), sha256(sha256(leaf))
        anchored = commitment_of(2, node(left, leaf), bytes(32))
        self.contracts.send(self.contracts.registry, "anchor(bytes32)", number(anchored))
        root = node(node(left, leaf), right)
        commitment = commitment_of(3, root, bytes(32))
        if mint:
            owners = bytes([0x22] * 20 + [0x33] * 40)
            mint_function = "mint(uint64,bytes32,bytes)"
            self.contracts.send(self.contracts.collection, mint_function, 3, number(root), owners)
        return {
            "format": "ingam-proof/1",
            "badge": badge,
            "inclusion": {"index": 1, "treeSize": 2, "path": [left.hex()]},
            "anchors": [{"chainId": CHAIN_ID, "registry": self.contracts.registry}],
            "token": {
                "chainId": CHAIN_ID,
                "contract": self.contracts.collection,
                "id": str(number(commitment[:28] + bytes([0, 0, 0, 1]))),
                "salt": badge["salt"],
                "inclusion": {"index": 1, "treeSize": 3, "path": [left.hex(), right.hex()]},
            },
        }

    def commitment(self, proof: dict) -> bytes:
        """Of the mint batch."""
        leaf = entry_leaf(proof["badge"])
        left, right = map(bytes.fromhex, proof["token"]["inclusion"]["path"])
        return commitment_of(3, node(node(left, leaf), right), bytes(32))

    def both(self, proof: dict, trust: dict | None = None, rpc: str | None = None):
        """(exit code, check, token, what the oracle says of it): both verifiers must agree on the
        first."""
        paths = self.directory / "proof.json", self.directory / "trust.json"
        for path, document in zip(paths, (proof, trust or self.trust)):
            path.write_text(json.dumps(document))
        rpc = ["--rpc", rpc or self.anvil.url]
        ours = subprocess.run(
            [INGAM, "verify", BADGE, "--proof", paths[0], "--trust", paths[1], *rpc, "--json"],
            capture_output=True, text=True,
        )  # fmt: skip
        theirs = subprocess.run(
            [sys.executable, ORACLE / "verify.py", paths[0], "--trust", paths[1], *rpc],
            capture_output=True, text=True,
        )  # fmt: skip
        said = ours.stdout + ours.stderr + theirs.stdout + theirs.stderr
        self.assertEqual(ours.returncode, theirs.returncode, said)
        report = json.loads(ours.stdout)
        checks = [check for check in report["checks"] if check["name"] == "token"]
        lines = [line for line in theirs.stdout.splitlines() if line.startswith("token ")]
        told = [line.removeprefix("token").strip() for line in lines]
        outcome = checks[0]["outcome"] if checks else None
        return ours.returncode, outcome, report.get("token"), told[0] if told else None

    def test_a_held_token(self):
        proof = self.minted()
        code, outcome, token, told = self.both(proof)
        self.assertEqual((code, outcome, token["status"]), (VERIFIED, "passed", "held"))
        self.assertEqual((token["owner"], told), (OWNER, f"held by {OWNER}"))
        # a hint is replaced by what the chain says
        proof["token"]["owner"] = "0x" + "44" * 20
        code, _, token, told = self.both(proof)
        self.assertEqual((code, token["owner"], token["staleHints"]), (VERIFIED, OWNER, ["owner"]))
        self.assertEqual(told, f"held by {OWNER}")

    def test_without_a_token_nothing_is_said_of_one(self):
        proof = self.minted()
        del proof["token"]
        self.assertEqual(self.both(proof), (VERIFIED, None, None, None))

    def test_another_badges_token(self):
        proof, other = self.minted(), self.minted()
        for change in (
            {"id": str(int(proof["token"]["id"]) + 1)},
            {"id": other["token"]["id"]},
            {"inclusion": other["token"]["inclusion"]},
            {"salt": other["token"]["salt"]},
        ):
            altered = copy.deepcopy(proof)
            altered["token"] |= change
            code, outcome, token, _ = self.both(altered)
            found = code, outcome, token["status"]
            self.assertEqual(found, (NOT_VERIFIED, "failed", "foreign"), change)

    def test_an_unknown_collection(self):
        proof = self.minted()
        trust = copy.deepcopy(self.trust)
        del trust["registries"][0]["tokenContracts"]
        code, outcome, token, told = self.both(proof, trust)
        self.assertEqual((code, outcome), (NOT_CHECKED, "not-checked"))
        self.assertEqual(token["status"], "unknown-collection")
        self.assertIn("unknown collection", told)

    def test_not_minted(self):
        code, outcome, token, told = self.both(self.minted(mint=False))
        self.assertEqual((code, outcome, token["status"]), (VERIFIED, "failed", "not-minted"))
        self.assertEqual(told, "not minted")

    def test_anchored_and_not_minted(self):
        proof = self.minted(mint=False)
        commitment = number(self.commitment(proof))
        self.contracts.send(self.contracts.registry, "anchor(bytes32)", commitment)
        code, outcome, token, told = self.both(proof)
        self.assertEqual((code, outcome, token["status"]), (VERIFIED, "failed", "not-minted"))
        self.assertEqual(told, "not minted")

    def burn(self, proof: dict) -> None:
        self.anvil.call("anvil_impersonateAccount", OWNER)
        self.anvil.call("anvil_setBalance", OWNER, hex(10**20))
        token_id = int(proof["token"]["id"])
        self.contracts.send(self.contracts.collection, "burn(uint256)", token_id, sender=OWNER)

    def revoke(self, commitment: bytes) -> None:
        function = "revoke(bytes32,uint64[],uint8)"
        self.contracts.send(self.contracts.registry, function, number(commitment), [1], 0)

    def test_a_burned_token(self):
        proof = self.minted()
        self.burn(proof)
        code, outcome, token, told = self.both(proof)
        self.assertEqual((code, outcome, token["status"]), (VERIFIED, "failed", "burned"))
        self.assertNotIn("owner", token)
        self.assertEqual(told, "burned")

    def test_a_revoked_token_is_no_revoked_badge(self):
        proof = self.minted()
        self.revoke(self.commitment(proof))
        code, outcome, token, told = self.both(proof)
        self.assertEqual((code, outcome, token["status"]), (VERIFIED, "failed", "revoked"))
        self.assertEqual((token["owner"], told), (OWNER, "revoked"))
        self.burn(proof)
        code, _, token, told = self.both(proof)
        self.assertEqual((code, token["status"], told), (VERIFIED, "revoked", "revoked"))

    def test_a_revoked_badge_may_have_its_token(self):
        proof = self.minted()
        left = bytes.fromhex(proof["inclusion"]["path"][0])
        self.revoke(commitment_of(2, node(left, entry_leaf(proof["badge"])), bytes(32)))
        code, outcome, token, told = self.both(proof)
        self.assertEqual((code, outcome, token["status"]), (REVOKED, "passed", "held"))
        self.assertEqual(told, f"held by {OWNER}")

    def test_a_distrusted_collection(self):
        trust = copy.deepcopy(self.trust)
        lost = {"operator": self.contracts.collection, "fromBlock": 0}
        trust["registries"][0]["distrustedOperators"] = [lost]
        code, outcome, token, told = self.both(self.minted(), trust)
        self.assertEqual((code, outcome, token["status"]), (VERIFIED, "failed", "distrusted"))
        self.assertEqual(told, "distrusted")

    def test_the_contract_verifies_by_itself(self):
        """As FORMAT.md says, for whoever has no verifier."""
        proof = self.minted()
        badge, path = proof["badge"], proof["token"]["inclusion"]["path"]
        leaf = entry_leaf(badge)
        left, right = map(bytes.fromhex, path)
        function = "verifyBadge(uint256,bytes32,uint8,bytes32,bytes32,bytes32,bytes32[])"

        def holds(token_id: int, digest: str) -> int:
            return self.contracts.ask(
                self.contracts.collection, function, token_id, number(node(node(left, leaf), right)),
                1, number(sha256(self.issuer.encode())), number(digest), number(badge["salt"]),
                [number(left), number(right)],
            )  # fmt: skip

        token_id = int(proof["token"]["id"])
        self.assertEqual(holds(token_id, badge["digest"]), 1)
        self.assertEqual(holds(token_id + 1, badge["digest"]), 0)
        self.assertEqual(holds(token_id, badge["salt"]), 0)


if __name__ == "__main__":
    unittest.main()
