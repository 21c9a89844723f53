#!/usr/bin/env python3
"""A second verifier, written from services/proof/FORMAT.md alone, with the standard library only.

It shares no line with the crates, so that what both agree on is what FORMAT.md says.

    verify.py [--digest HEX] [--trust FILE [--rpc URL]] PROOF
    verify.py [--trust FILE] --batch < LINES

Prints leaf, root and commitment; with --trust the receipt's verdict; with --rpc what the registries
of the trust file answer. It takes the badge's digest, not the badge: section 1 and step 5 of FORMAT.md
(the badge's own issuer) are the caller's.

Exit: 0 everything asked for holds, 1 it does not, 2 usage, 3 provisional or pending, 4 could not be
checked, 5 revoked.

With --batch each line is a JSON string that holds a proof document; each answer is one line:
"ok LEAF ROOT COMMITMENT", "pending LEAF" or "refused REASON".
"""

import argparse
import datetime
import hashlib
import json
import re
import sys
import urllib.request

RULES = {
    "jcs-sha256-v1": 1,
    "file-sha256": 2,
    "opaque": 3,
    "rdfc-sha256-v1": 4,
    "audit-head": 5,
}
MAX_INTEGER = 2**53 - 1
MAX_TREE = 2**32 - 1


class Refused(Exception):
    """The document or what it claims is wrong."""


class Unchecked(Exception):
    """Nobody could be asked."""


def require(condition, reason):
    if not condition:
        raise Refused(reason)


# --- reading


def unique(pairs):
    members = dict(pairs)
    require(len(members) == len(pairs), "duplicate member")
    return members


def number(text):
    # "-0" is no integer: it is read as a fraction and refused where an integer is due
    return -0.0 if text == "-0" else int(text)


def no_constant(text):
    raise Refused(f"{text} is no JSON")


def walk(value, depth):
    if isinstance(value, str):
        value.encode("utf-8")
    elif isinstance(value, (dict, list)):
        require(depth < 32, "nested too deep")
        for item in value if isinstance(value, list) else [*value, *value.values()]:
            walk(item, depth + 1)


def read(data, limit):
    require(len(data) <= limit, "too large")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=unique,
            parse_int=number,
            parse_constant=no_constant,
        )
        walk(value, 0)
    except (ValueError, RecursionError) as error:
        raise Refused(f"no strict JSON: {error}") from error
    return value


def members(value, required, optional, closed):
    require(isinstance(value, dict), "not an object")
    for name in required:
        require(name in value, f"{name} is missing")
    if closed:
        for name in value:
            require(name in required or name in optional, f"{name} is unknown")
    for name, check in (required | optional).items():
        if name in value:
            check(value[name])
    return value


def text(value):
    require(isinstance(value, str), "not a text")


def pattern(expression, what):
    compiled = re.compile(expression)

    def check(value):
        require(isinstance(value, str) and compiled.fullmatch(value), f"not {what}")

    return check


def integer(value):
    require(type(value) is int and 0 <= value <= MAX_INTEGER, "not an integer")


def listed(check, most=None):
    def check_all(value):
        require(isinstance(value, list), "not a list")
        require(most is None or len(value) <= most, "too many items")
        for item in value:
            check(item)

    return check_all


def time(value):
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    require(isinstance(value, str) and re.fullmatch(form, value, re.ASCII), "not a time")
    try:
        datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError as error:
        raise Refused("not a time") from error
    require("1970" <= value <= "9999-12-30T22:00:00.999Z", "time out of range")


hash32 = pattern("[0-9a-f]{64}", "a hash")
hash64 = pattern("[0-9a-f]{128}", "a signature")
evm_hash = pattern("0x[0-9a-f]{64}", "a hash of a chain")
address = pattern("0x[0-9a-f]{40}", "an address")
decimal = pattern("0|[1-9][0-9]{0,77}", "a decimal")


def rule(value):
    require(isinstance(value, str) and value in RULES, "unknown rule")


def identifier(value):
    require(isinstance(value, str) and re.fullmatch("[!-~]{1,512}", value), "no identifier")
    if value.startswith("https://"):
        require(not set("#@\\") & set(value), "identifier with user, fragment or backslash")
        found = re.fullmatch(r"https://([a-z0-9.-]{1,253})(?::([1-9][0-9]*))?/.*", value)
        require(found, "no identifier")
        for label in found[1].split("."):
            require(re.fullmatch("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", label), "no host")
        if found[2]:
            require(int(found[2]) < 65536 and found[2] != "443", "no port")
    else:
        require(re.fullmatch("did:[a-z0-9]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._%-]", value), "no DID")


def exactly(expected):
    def check(value):
        require(type(value) is type(expected) and value == expected, f"not {expected}")

    return check


def document_part(required, optional=None, closed=True):
    return lambda value: members(value, required, optional or {}, closed)


badge_part = document_part({"rule": rule, "digest": hash32, "issuer": identifier, "salt": hash32})
inclusion_part = document_part(
    {"index": integer, "treeSize": integer, "path": listed(hash32, 32)},
    {"blockcertsRoot": hash32},
)
token_part = document_part({"contract": address, "id": decimal, "owner": address}, closed=False)
anchor_part = document_part(
    {"chainId": integer, "registry": address},
    {
        "transaction": evm_hash,
        "blockNumber": integer,
        "blockHash": evm_hash,
        "blockTime": time,
        "token": token_part,
    },
    closed=False,
)
promise_part = document_part(
    {
        "type": exactly("ingam-receipt"),
        "version": exactly(1),
        "service": text,
        "issuer": identifier,
        "rule": rule,
        "digest": hash32,
        "salt": hash32,
        "leaf": hash32,
        "receivedAt": time,
        "deadlineAt": time,
        "chainId": integer,
        "registry": address,
    },
    {"externalId": text, "windowStartedAt": time},
)
receipt_part = document_part(
    {
        "promise": promise_part,
        "proof": document_part(
            {
                "keyId": hash32,
                "index": integer,
                "size": integer,
                "path": listed(hash32, 32),
                "signature": hash64,
            }
        ),
    }
)
proof_document = document_part(
    {"format": exactly("ingam-proof/1"), "badge": badge_part, "anchors": listed(anchor_part, 32)},
    {"inclusion": inclusion_part, "deadlineAt": time, "receipt": receipt_part},
    closed=False,
)
trust_file = document_part(
    {
        "format": exactly("ingam-trust/1"),
        "service": text,
        "publishedAt": time,
        "registries": listed(
            document_part(
                {
                    "chainId": integer,
                    "registry": address,
                    "fromBlock": integer,
                    "distrustedOperators": listed(
                        document_part({"operator": address, "fromBlock": integer})
                    ),
                },
                {"tokenContract": address, "untilBlock": integer},
            )
        ),
        "receiptKeys": listed(
            document_part(
                {"keyId": hash32, "publicKey": hash32, "notBefore": time},
                {"notAfter": time, "revokedAt": time},
            )
        ),
        "issuers": listed(
            document_part(
                {
                    "identifier": identifier,
                    "alsoKnownAs": listed(text),
                    "control": pattern("well-known|did-auth|manual", "a kind of control"),
                    "controlShownAt": time,
                }
            )
        ),
    }
)


# --- hashing


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def entry_leaf(part):
    issuer = sha256(part["issuer"].encode("ascii"))
    digest, salt = bytes.fromhex(part["digest"]), bytes.fromhex(part["salt"])
    entry = b"\x01" + bytes([RULES[part["rule"]]]) + issuer + digest + salt
    assert len(entry) == 98
    return sha256(b"\x00", entry)


def node(left, right):
    return sha256(b"\x01", left, right)


def inclusion_root(leaf, index, size, path):
    require(1 <= size <= MAX_TREE, "tree size")
    require(index < size, "index outside the tree")
    needed, n, m = 0, index, size - 1
    while m > 0:
        needed += n % 2 == 1 or n < m
        n, m = n // 2, m // 2
    require(len(path) == needed, "path length")
    siblings = iter(bytes.fromhex(sibling) for sibling in path)
    n, m = index, size - 1
    while m > 0:
        if n % 2 == 1:
            leaf = node(next(siblings), leaf)
        elif n < m:
            leaf = node(leaf, next(siblings))
        n, m = n // 2, m // 2
    return leaf


def commitment_of(size, root, second):
    return sha256(b"\x02", size.to_bytes(8, "big"), root, second)


def jcs(value):
    """RFC 8785 for texts, integers, lists, and objects with ASCII names."""
    form = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return form.encode("utf-8")


# --- Ed25519 (RFC 8032 section 5.1), verification only, in extended coordinates

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ZERO = (0, 1, 1, 0)


def recover_x(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square or (x == 0 and sign):
        return None
    return P - x if x % 2 != sign else x


def point(data):
    value = int.from_bytes(data, "little")
    y, sign = value % 2**255, value >> 255
    x = recover_x(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    low, high = (y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2)
    cross, scale = 2 * D * t1 * t2, 2 * z1 * z2
    e, f, g, h = (v % P for v in (high - low, scale - cross, scale + cross, high + low))
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar, a):
    total = ZERO
    while scalar:
        if scalar % 2:
            total = add(total, a)
        a, scalar = add(a, a), scalar // 2
    return total


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def is_small(a):
    return same(times(8, a), ZERO)


BASE_Y = 4 * pow(5, -1, P) % P
BASE = point(BASE_Y.to_bytes(32, "little"))


def signature_holds(public, signed, signature):
    a, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    if is_small(a) or is_small(r):
        return False
    digest = hashlib.sha512(signature[:32] + public + signed).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    return same(times(s, BASE), add(r, times(challenge, a)))


# --- receipts and documents


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


def compute(data, trust=None):
    """The document, and (leaf, root, commitment) or (leaf,) while it is pending."""
    document = read(data, 256 * 2**10)
    proof_document(document)
    leaf = entry_leaf(document["badge"])
    if "receipt" in document:
        check_receipt(document, leaf, trust)
    if "inclusion" not in document:
        return document, (leaf,)
    place = document["inclusion"]
    root = inclusion_root(leaf, place["index"], place["treeSize"], place["path"])
    second = bytes.fromhex(place.get("blockcertsRoot", "00" * 32))
    return document, (leaf, root, commitment_of(place["treeSize"], root, second))


# --- the chain

ANCHORED, REVOKED = "dd649146", "e9c4e3fe"


class Node:
    def __init__(self, url):
        self.url = url

    def ask(self, method, *params):
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(self.url, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                answer = json.load(response)
        except (OSError, ValueError) as error:
            raise Unchecked(f"{method}: {error}") from error
        if not isinstance(answer, dict) or answer.get("result") is None:
            raise Unchecked(f"{method}: {answer}")
        return answer["result"]

    def words(self, contract, data, count):
        answer = self.ask("eth_call", {"to": contract, "data": "0x" + data}, "latest")
        raw = bytes.fromhex(answer.removeprefix("0x"))
        if len(raw) != 32 * count:
            raise Unchecked(f"no registry answers at {contract}")
        return [int.from_bytes(raw[at : at + 32], "big") for at in range(0, len(raw), 32)]


def ask_registry(node_, entry, commitment, index):
    """One of "final", "provisional", "revoked", "absent", "distrusted"."""
    if int(node_.ask("eth_chainId"), 16) != entry["chainId"]:
        raise Unchecked("the node serves another chain")
    operator, timestamp, block = node_.words(entry["registry"], ANCHORED + commitment.hex(), 3)
    if operator >= 2**160 or timestamp >= 2**64 or block >= 2**64:
        raise Unchecked("the answer is not a registry's")
    if timestamp == 0:
        return "absent"
    operator = f"0x{operator:040x}"
    print(f"anchored   by {operator} at {timestamp} in block {block}")
    lost = any(
        one["operator"] == operator and block >= one["fromBlock"]
        for one in entry["distrustedOperators"]
    )
    if lost or not entry["fromBlock"] <= block <= entry.get("untilBlock", block):
        return "distrusted"
    (revoked,) = node_.words(entry["registry"], f"{REVOKED}{commitment.hex()}{index:064x}", 1)
    if revoked:
        return "revoked"
    head = node_.ask("eth_getBlockByNumber", "finalized", False)
    return "final" if timestamp <= int(head["timestamp"], 16) else "provisional"


def ask_chain(document, commitment, trust, url):
    verdicts = []
    for anchor in document["anchors"]:
        place = (anchor["chainId"], anchor["registry"])
        entry = next(
            (one for one in trust["registries"] if (one["chainId"], one["registry"]) == place), None
        )
        if entry is None:
            print(f"registry   {place[1]} on chain {place[0]} is unknown")
            continue
        try:
            verdicts.append(
                ask_registry(Node(url), entry, commitment, document["inclusion"]["index"])
            )
        except Unchecked as error:
            print(f"unchecked  {error}")
            continue
        print(f"registry   {place[1]} on chain {place[0]}: {verdicts[-1]}")
    for verdict, code in (("revoked", 5), ("final", 0), ("provisional", 3)):
        if verdict in verdicts:
            return code
    return 1 if verdicts else 4


def batch(trust):
    sys.stdin.reconfigure(encoding="utf-8")
    for line in sys.stdin:
        try:
            _, hashes = compute(json.loads(line).encode("utf-8", "surrogatepass"), trust)
        except Refused as error:
            print(f"refused {error}")
            continue
        print("ok" if len(hashes) == 3 else "pending", *(value.hex() for value in hashes))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--digest", help="the badge's digest, 64 hexadecimal digits")
    parser.add_argument("--trust", help="the trust file")
    parser.add_argument("--rpc", help="a node to ask; needs --trust")
    parser.add_argument("--batch", action="store_true", help="read documents from standard input")
    parser.add_argument("proof", nargs="?", help="the proof document")
    args = parser.parse_args()
    if (args.proof is None) != args.batch or (args.rpc and not args.trust):
        parser.error("give a PROOF, or --batch; --rpc needs --trust")
    try:
        trust = None
        if args.trust:
            with open(args.trust, "rb") as file:
                trust = read_trust(file.read())
        if args.batch:
            batch(trust)
            return 0
        with open(args.proof, "rb") as file:
            document, hashes = compute(file.read(), trust)
        for name, value in zip(("leaf", "root", "commitment"), hashes):
            print(f"{name:10} {value.hex()}")
        if args.digest is not None:
            require(args.digest == document["badge"]["digest"], "the badge has another digest")
    except Refused as error:
        print(f"refused    {error}")
        return 1
    if "receipt" in document and trust:
        print("receipt    holds")
    if len(hashes) == 1:
        return 3
    return ask_chain(document, hashes[2], trust, args.rpc) if args.rpc else 0


if __name__ == "__main__":
    sys.exit(main())
