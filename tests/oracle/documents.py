"""FORMAT.md, sections 7 to 9 and 11: what spans the members of a document."""

from ed25519 import is_small, point, signature_holds
from hashes import commitment_of, entry_leaf, inclusion_root, jcs, sha256
from reading import MAX_INTEGER, proof_document, read, require, trust_file


def read_trust(data):
    trust = read(data, 16 * 2**20)
    trust_file(trust)
    require(trust["service"], "service is empty")
    seen = set()

    def once(*key):
        require(key not in seen, f"{key[0]} listed twice")
        seen.add(key)

    for entry in trust["registries"]:
        once("registry", entry["chainId"], entry["registry"])
        require(entry.get("untilBlock", MAX_INTEGER) >= entry["fromBlock"], "registry ends early")
        for lost in entry["distrustedOperators"]:
            once("operator", entry["chainId"], entry["registry"], lost["operator"])
        for contract in entry.get("tokenContracts", ()):
            once("collection", entry["chainId"], contract)
    for entry in trust["receiptKeys"]:
        once("key", entry["keyId"])
        public = bytes.fromhex(entry["publicKey"])
        require(sha256(public).hex() == entry["keyId"], "keyId")
        require(point(public) and not is_small(point(public)), "publicKey")
        for end in ("notAfter", "revokedAt"):
            require(entry.get(end, "9") >= entry["notBefore"], "key ends early")
    for entry in trust["issuers"]:
        once("issuer", entry["identifier"])
        for alias in entry["alsoKnownAs"]:
            require(alias, "alias is empty")
            once("issuer", alias)
    return trust


def check_receipt(document, leaf, trust):
    promise, proof = document["receipt"]["promise"], document["receipt"]["proof"]
    for name in ("rule", "digest", "issuer", "salt"):
        require(promise[name] == document["badge"][name], f"the receipt has another {name}")
    require(promise["leaf"] == leaf.hex(), "the receipt has another leaf")
    if "deadlineAt" in document:
        require(document["deadlineAt"] == promise["deadlineAt"], "the receipt has another deadline")
    if trust is None:
        return
    require(promise["service"] == trust["service"], "unknown service")
    place = (promise["chainId"], promise["registry"])
    registries = [(entry["chainId"], entry["registry"]) for entry in trust["registries"]]
    require(place in registries, "unknown registry")
    keys = [entry for entry in trust["receiptKeys"] if entry["keyId"] == proof["keyId"]]
    require(keys, "unknown key")
    received = promise["receivedAt"]
    started = promise.get("windowStartedAt", received)
    require(started <= received < promise["deadlineAt"], "times out of order")
    root = inclusion_root(sha256(b"\x00", jcs(promise)), proof["index"], proof["size"], proof["path"])
    signed = b"ingam-receipts-v1\n" + proof["size"].to_bytes(8, "big") + root
    public, signature = bytes.fromhex(keys[0]["publicKey"]), bytes.fromhex(proof["signature"])
    require(signature_holds(public, signed, signature), "signature")
    require(received <= keys[0].get("notAfter", received), "key retired")
    require("revokedAt" not in keys[0] or received < keys[0]["revokedAt"], "key revoked")


def token_commitment(token, badge):
    """Of the mint batch, whose leaf is the badge's with a salt of its own. The id holds all of it but the last 32 bits, which the index replaces."""
    place, leaf = token["inclusion"], entry_leaf({**badge, "salt": token["salt"]})
    root = inclusion_root(leaf, place["index"], place["treeSize"], place["path"])
    commitment = commitment_of(place["treeSize"], root, bytes(32))
    expected = commitment[:28] + place["index"].to_bytes(4, "big")
    require(int(token["id"]) == int.from_bytes(expected, "big"), "the token is another badge's")
    return commitment


def compute(data, trust=None):
    """The document; (leaf, root, commitment) or (leaf,) while it is pending; the commitment of the
    token's mint batch or None."""
    document = read(data, 256 * 2**10)
    proof_document(document)
    return document, *compute_document(document, trust)


def compute_document(document, trust):
    """As `compute`, of a document that was read."""
    leaf = entry_leaf(document["badge"])
    if "receipt" in document:
        check_receipt(document, leaf, trust)
    minted = token_commitment(document["token"], document["badge"]) if "token" in document else None
    if "inclusion" not in document:
        return (leaf,), minted
    place = document["inclusion"]
    root = inclusion_root(leaf, place["index"], place["treeSize"], place["path"])
    second = bytes.fromhex(place.get("blockcertsRoot", "00" * 32))
    return (leaf, root, commitment_of(place["treeSize"], root, second)), minted
