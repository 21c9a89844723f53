"""Tokens as a wallet shows them: read with viem, a library that is not ours, from the chain and from
where tokenURI leads; through revocation, a lost wallet, erasure and burning."""

import base64
import json
import subprocess
import time
import unittest
import xml.etree.ElementTree as ElementTree

from recovery_test import post, wait_for
from service_under_test import BADGE, CHECKOUT, running_service

WALLET = CHECKOUT / "tests" / "wallet" / "read_token.js"
# accounts of every anvil, which signs for them
HOLDER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
NEW_WALLET = "0x90F79bf6EB2c4f870365E785982E1f101E93b906"
NOBODY = "0x0000000000000000000000000000000000000000"
METADATA = {
    "name": "반도체 전문과정",
    "description": "36학점을 마쳤습니다.",
    "url": "https://badges.hanbit.example/programmes/expert",
    "level": "gold",
    "attributes": [{"name": "Credits", "value": "36"}],
}
# keccak256("burn(uint256)") begins with these four bytes
BURN = "0x42966c68"
# keccak256("MetadataUpdate(uint256)")
METADATA_UPDATE = "0xf8e1a15aba9398e019f0b49df1a4fde98ee17ae345cb5f6b5e2c27f5033e8ce7"


def status(service, badge: str) -> dict:
    code, _, body = service.request("GET", f"/v1/badges/{badge}", key=service.key)
    assert code == 200, body
    return json.loads(body)


def wait_for_mint(service, badge: str, state: str, seconds: float = 240) -> dict:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        mint = status(service, badge).get("mint", {})
        if mint.get("state") == state:
            return mint
        time.sleep(0.2)
    raise AssertionError(f"the token of {badge} is not {state}: {mint}\n{service.log()[-3000:]}")


def read(service, mint: dict) -> dict:
    done = subprocess.run(
        ["node", WALLET, service.anvil.url, mint["contract"], mint["tokenId"]],
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def attributes(document: dict) -> dict:
    return {one["trait_type"]: one["value"] for one in document["attributes"]}


def shown(document: dict) -> str:
    """All texts of a generated picture."""
    kind, data = document["image"].split(",", 1)
    assert kind == "data:image/svg+xml;base64", kind
    svg = ElementTree.fromstring(base64.b64decode(data))
    return "\n".join(text for text in svg.itertext() if text.strip())


def credential(name: str) -> dict:
    return {**json.loads(BADGE.read_text()), "id": f"urn:example:{name}"}


class Wallet(unittest.TestCase):
    def test_a_token_through_its_life(self):
        with running_service() as service:
            service_url = f"{service.url}/v1/tokens/31337/"
            options = {"recipient": HOLDER, "metadata": METADATA}
            minted = post(service, credential=credential("held"), **options)[1]
            plain = post(service, credential=credential("asked for later"))[1]
            wait_for(service, plain["id"], "final")
            path = f"/v1/badges/{plain['id']}/recipient"
            code, _, body = service.request("PUT", path, {"recipient": HOLDER}, key=service.key)
            self.assertEqual(code, 202, body)

            held = wait_for_mint(service, minted["id"], "minted")
            later = wait_for_mint(service, plain["id"], "minted")
            with self.subTest("what a wallet shows"):
                token = read(service, held)
                interfaces = token["interfaces"]
                self.assertFalse(interfaces.pop("none"))
                self.assertEqual(set(interfaces.values()), {True}, interfaces)
                self.assertEqual(token["owner"], HOLDER)
                self.assertEqual(token["balance"], 2)
                self.assertTrue(token["locked"])
                self.assertFalse(token["transferable"])
                self.assertEqual(token["transfers"], [{"from": NOBODY, "to": HOLDER}])
                self.assertEqual(token["locks"], 1)
                uri = f"{service_url}{held['contract']}/{held['tokenId']}"
                self.assertEqual(token["tokenURI"], uri)
                answer = token["metadata"]
                self.assertEqual((answer["status"], answer["openTo"]), (200, "*"))
                document = answer["document"]
                self.assertEqual(document["name"], METADATA["name"])
                self.assertEqual(document["external_url"], METADATA["url"])
                self.assertEqual(attributes(document)["Level"], "gold")
                self.assertEqual(attributes(document)["Credits"], "36")
                self.assertEqual(attributes(document)["State"], "valid")
                for text in ("전문과정", "GOLD", "badges.hanbit.example"):
                    self.assertIn(text, shown(document))
                self.assertIn("Badges of", token["collection"]["document"]["name"])
            with self.subTest("the owner's tokens"):
                code, _, body = service.request("GET", f"/v1/owners/{HOLDER}/tokens")
                self.assertEqual(code, 200, body)
                listed = {item["id"] for item in json.loads(body)["items"]}
                self.assertEqual(listed, {held["tokenId"], later["tokenId"]})
                mistyped = HOLDER.replace("3C44", "3c44")
                self.assertEqual(service.request("GET", f"/v1/owners/{mistyped}/tokens")[0], 400)
            with self.subTest("the proof carries the token"):
                done = service.ingam("proof", "--url", service.url, "--wait", minted["proofToken"])
                self.assertEqual(json.loads(done.stdout)["token"]["id"], held["tokenId"])
            with self.subTest("a lost wallet"):
                again = {"recipient": NEW_WALLET}
                code, _, body = service.request("PUT", path, again, key=service.key)
                self.assertEqual(code, 409, body)
                again["replaces"] = HOLDER
                code, _, body = service.request("PUT", path, again, key=service.key)
                self.assertEqual(code, 202, body)
                anew = wait_for_mint(service, plain["id"], "minted")
                self.assertNotEqual(anew["tokenId"], later["tokenId"])
                self.assertEqual(read(service, anew)["owner"], NEW_WALLET)
                self.assertEqual(wait_for_state(service, later, "revoked")["name"], "[Revoked] Digital badge")
                self.assertNotIn("revokedAt", status(service, plain["id"]), "the badge itself is good")
            with self.subTest("burned by its owner"):
                word = f"{int(anew['tokenId']):064x}"
                service.anvil.call(
                    "eth_sendTransaction",
                    {"from": NEW_WALLET, "to": anew["contract"], "data": BURN + word},
                )
                wait_for_mint(service, plain["id"], "burned")
                token = read(service, anew)
                self.assertIsNone(token["owner"])
                self.assertIsNone(token["tokenURI"])
            with self.subTest("revoked with its badge"):
                reason = {"reason": "privilege-withdrawn"}
                code, _, body = service.request(
                    "POST", f"/v1/badges/{minted['id']}/revoke", reason, key=service.key
                )
                self.assertEqual(code, 202, body)
                wait_for_mint(service, minted["id"], "revoked")
                document = read(service, held)["metadata"]["document"]
                self.assertEqual(document["name"], f"[Revoked] {METADATA['name']}")
                self.assertEqual(attributes(document)["Reason"], "privilege-withdrawn")
                self.assertIn("REVOKED", shown(document))
            with self.subTest("erased"):
                code, _, _ = service.request("DELETE", f"/v1/badges/{minted['id']}", key=service.key)
                self.assertEqual(code, 204)
                document = read(service, held)["metadata"]["document"]
                self.assertNotIn("Issuer", attributes(document))
                self.assertIn("erased", document["description"])
                self.assertNotIn("전문과정", shown(document))
            service.stop_service()
            with self.subTest("marketplaces are told"):
                done = service.ingam(
                    "collection", "announce", held["contract"], "--insecure-dev-key",
                    "--dev-key-file", service.directory / "owner.key",
                )  # fmt: skip
                # what was revoked and neither burned nor replaced by a burn
                self.assertEqual(done.stdout, "2 tokens announced\n")
                logs = service.anvil.call(
                    "eth_getLogs", {"address": held["contract"], "topics": [METADATA_UPDATE], "fromBlock": "0x0"}
                )
                told = {int(log["data"], 16) for log in logs}
                self.assertEqual(told, {int(held["tokenId"]), int(later["tokenId"])})
            with self.subTest("static files"):
                files = service.directory / "static"
                service.ingam("export-tokens", files)
                folder = files / "31337" / held["contract"]
                static = json.loads((folder / held["tokenId"]).read_text())
                self.assertEqual(static, document)
                ElementTree.parse(folder / f"{held['tokenId']}.svg")
                self.assertIn("name", json.loads((folder / "contract").read_text()))
            service.ingam("audit")


def wait_for_state(service, mint: dict, state: str, seconds: float = 240) -> dict:
    """The metadata of a token that its badge's status no longer shows, once they say so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        document = read(service, mint)["metadata"]["document"]
        if attributes(document)["State"] == state:
            return document
        time.sleep(0.2)
    raise AssertionError(f"token {mint['tokenId']} is not {state}")


if __name__ == "__main__":
    unittest.main()
