"""Which rules of strict JSON a text breaks, told with Python's own reader and decimal numbers.

The names are the refusals' codes of the crate `badge`. Nothing here was taken from that crate: the
rules are those of RFC 7493 and of the crate's documentation.
"""

import json
from decimal import Decimal

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
MAX_SAFE = 2**53 - 1


class Number(str):
    """A number's lexeme."""


class Members(list):
    """An object's members as pairs, those of equal names included."""


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def broken_rules(data: bytes) -> set[str]:
    """Empty for a text that must be accepted. Nothing more is told of a text that is too large, no
    UTF-8 or no JSON."""
    if len(data) > MAX_BYTES:
        return {"too_large"}
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return {"invalid_utf8"}
    try:
        top = json.loads(
            text,
            object_pairs_hook=Members,
            parse_int=Number,
            parse_float=Number,
            parse_constant=refuse_constant,
        )
    except RecursionError:
        return {"too_deep"}
    except ValueError:
        return {"syntax"}
    broken = of_tree(top)
    if isinstance(top, Members) and not proof_allowed(dict(top)):
        broken.add("proof_not_allowed")
    return broken


def of_tree(top) -> set[str]:
    broken = set()
    waiting = [(top, 1)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, Number):
            broken |= of_number(value)
        elif isinstance(value, str):
            broken |= of_string(value)
        elif isinstance(value, list):
            if depth > MAX_DEPTH:
                broken.add("too_deep")
            elements = value
            if isinstance(value, Members):
                names = [name for name, _ in value]
                if len(set(names)) < len(names):
                    broken.add("duplicate_key")
                for name in names:
                    broken |= of_string(name)
                elements = [element for _, element in value]
            waiting += [(element, depth + 1) for element in elements]
    return broken


def of_string(text: str) -> set[str]:
    return {"lone_surrogate"} if any(0xD800 <= ord(one) <= 0xDFFF for one in text) else set()


def of_number(lexeme: str) -> set[str]:
    broken = set()
    coefficient = lexeme.lower().partition("e")[0].lstrip("-").replace(".", "").strip("0")
    if len(coefficient) > 17:
        broken.add("number_precision")
    value = abs(float(lexeme))
    if value == float("inf"):
        broken.add("number_overflow")
    elif value == 0 and coefficient:
        broken.add("number_underflow")
    is_integer = not any(sign in lexeme for sign in ".eE")
    if is_integer and abs(Decimal(lexeme)) > MAX_SAFE or MAX_SAFE < value < 1e21:
        broken.add("unsafe_integer")
    return broken


def as_list(value) -> list:
    return value if isinstance(value, list) and not isinstance(value, Members) else [value]


def proof_allowed(document: dict) -> bool:
    """Only a Data Integrity proof may be left out of the digest."""
    if "proof" not in document:
        return True
    if "VerifiableCredential" not in as_list(document.get("type")):
        return False
    return all(
        isinstance(proof, Members) and is_string(dict(proof).get("type"))
        for proof in as_list(document["proof"])
    )


def is_string(value) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)
