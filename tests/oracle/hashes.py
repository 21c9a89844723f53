"""FORMAT.md, sections 3 to 5 and the JCS form of section 7."""

import hashlib
import json

from reading import RULES, require

MAX_TREE = 2**32 - 1


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
