#!/usr/bin/env python3
"""A second verifier, written from services/proof/FORMAT.md alone, with the standard library only.

It shares no line with the crates, so that what both agree on is what FORMAT.md says.

    verify.py [--digest HEX] [--trust FILE [--rpc URL]] PROOF
    verify.py --audit [--trust FILE [--rpc URL]] PROOF
    verify.py [--audit] [--trust FILE] --batch < LINES

Prints leaf, root and commitment, and that of the token's mint batch; with --trust the receipt's
verdict; with --rpc what the registries and collections of the trust file answer. It takes the badge's digest, not the badge: section 1 and step 5 of FORMAT.md
(the badge's own issuer) are the caller's.

With --audit PROOF is an audit proof; what is printed and asked for is its head.

Exit: 0 everything asked for holds, 1 it does not, 2 usage, 3 provisional or pending, 4 could not be
checked, 5 revoked. What became of a token changes nothing of it, unless its collection is unknown.

With --batch each line is a JSON string that holds a proof document; each answer is one line:
"ok LEAF ROOT COMMITMENT", "pending LEAF" or "refused REASON"; the first two end with
"token COMMITMENT" where the document has a token.
"""

import argparse
import json
import sys
import urllib.request

sys.dont_write_bytecode = True

from audit import compute_audit
from documents import compute, read_trust
from reading import Refused, require


class Unchecked(Exception):
    """Nobody could be asked."""


ANCHORED, REVOKED = "dd649146", "e9c4e3fe"
OWNERS_HASH, OWNER_OF, IS_VALID = "111bb43c", "6352211e", "f577a500"


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
            raise Unchecked(f"no contract of this kind answers at {contract}")
        return [int.from_bytes(raw[at : at + 32], "big") for at in range(0, len(raw), 32)]

    def word(self, contract, data, bits):
        (value,) = self.words(contract, data, 1)
        if value >= 2**bits:
            raise Unchecked(f"the answer of {contract} is none")
        return value


def ask_anchor(node_, entry, commitment):
    """One of "final", "provisional", "absent", "distrusted"."""
    if int(node_.ask("eth_chainId"), 16) != entry["chainId"]:
        raise Unchecked("the node serves another chain")
    # before the state, so that a reorganisation between the reads cannot make it look final
    head = node_.ask("eth_getBlockByNumber", "finalized", False)
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
    return "final" if timestamp <= int(head["timestamp"], 16) else "provisional"


def is_revoked(node_, entry, commitment, index):
    return node_.word(entry["registry"], f"{REVOKED}{commitment.hex()}{index:064x}", 1) == 1


def ask_registry(node_, entry, commitment, index):
    """As `ask_anchor`, or "revoked" where the anchor counts."""
    state = ask_anchor(node_, entry, commitment)
    counts = state in ("final", "provisional")
    return "revoked" if counts and is_revoked(node_, entry, commitment, index) else state


def ask_collection(node_, entry, token, commitment):
    """What became of a token: "held" or "provisional" with its owner, else one word."""
    state = ask_anchor(node_, entry, commitment)
    minted = node_.word(token["contract"], OWNERS_HASH + commitment.hex(), 256)
    if state == "absent" or not minted:
        return "not minted"
    if state == "distrusted":
        return state
    token_id = f"{int(token['id']):064x}"
    if node_.word(token["contract"], IS_VALID + token_id, 1):
        owner = node_.word(token["contract"], OWNER_OF + token_id, 160)
        return f"{'held' if state == 'final' else state} by 0x{owner:040x}"
    revoked = is_revoked(node_, entry, commitment, token["inclusion"]["index"])
    return "revoked" if revoked else "burned"


def ask_token(token, commitment, trust, url):
    """Whether the trust file knows the collection; nothing else about a token is a verdict."""
    listing = (
        entry
        for entry in trust["registries"]
        if entry["chainId"] == token["chainId"]
        and token["contract"] in entry.get("tokenContracts", ())
    )
    entry = next(listing, None)
    if entry is None:
        print(f"token      unknown collection {token['contract']} on chain {token['chainId']}")
        return False
    try:
        print(f"token      {ask_collection(Node(url), entry, token, commitment)}")
    except Unchecked as error:
        print(f"token      unchecked: {error}")
    return True


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


def compute_any(data, trust, is_audit):
    if not is_audit:
        return compute(data, trust)
    document, hashes = compute_audit(data, trust)
    return document, hashes, None


def batch(trust, is_audit):
    sys.stdin.reconfigure(encoding="utf-8")
    for line in sys.stdin:
        try:
            data = json.loads(line).encode("utf-8", "surrogatepass")
            _, hashes, minted = compute_any(data, trust, is_audit)
        except Refused as error:
            print(f"refused {error}")
            continue
        token = () if minted is None else ("token", minted.hex())
        print("ok" if len(hashes) == 3 else "pending", *(value.hex() for value in hashes), *token)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--digest", help="the badge's digest, 64 hexadecimal digits")
    parser.add_argument("--trust", help="the trust file")
    parser.add_argument("--rpc", help="a node to ask; needs --trust")
    parser.add_argument("--audit", action="store_true", help="audit proofs, not those of badges")
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
            batch(trust, args.audit)
            return 0
        with open(args.proof, "rb") as file:
            document, hashes, minted = compute_any(file.read(), trust, args.audit)
        for name, value in zip(("leaf", "root", "commitment"), hashes):
            print(f"{name:10} {value.hex()}")
        if minted is not None:
            print(f"mint batch {minted.hex()}")
        if args.digest is not None:
            require(args.digest == document["badge"]["digest"], "the badge has another digest")
    except OSError as error:
        parser.error(str(error))
    except Refused as error:
        print(f"refused    {error}")
        return 1
    if "receipt" in document and trust:
        print("receipt    holds")
    if not args.rpc:
        return 3 if len(hashes) == 1 else 0
    code = 3 if len(hashes) == 1 else ask_chain(document, hashes[2], trust, args.rpc)
    known = minted is None or ask_token(document["token"], minted, trust, args.rpc)
    return code if known or code not in (0, 3) else 4


if __name__ == "__main__":
    sys.exit(main())
