"""FORMAT.md, sections 2, 7 to 9 and 11: reading documents strictly, and what their members may be."""

import datetime
import json
import re

MAX_INTEGER = 2**53 - 1
MAX_COLLECTIONS = 16384
RULES = {
    "jcs-sha256-v1": 1,
    "file-sha256": 2,
    "opaque": 3,
    "rdfc-sha256-v1": 4,
    "audit-head": 5,
}


class Refused(Exception):
    """The document or what it claims is wrong."""


def require(condition, reason):
    if not condition:
        raise Refused(reason)


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


def listed(check, most=None, least=0):
    def check_all(value):
        require(isinstance(value, list), "not a list")
        require(len(value) >= least, "too few items")
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


def token_id(value):
    decimal = isinstance(value, str) and re.fullmatch("0|[1-9][0-9]{0,77}", value)
    require(decimal and int(value) < 2**256, "not a token's id")


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
token_part = document_part(
    {
        "chainId": integer,
        "contract": address,
        "id": token_id,
        "salt": hash32,
        "inclusion": document_part(
            {"index": integer, "treeSize": integer, "path": listed(hash32, 32)}
        ),
    },
    {"owner": address},
    closed=False,
)
anchor_part = document_part(
    {"chainId": integer, "registry": address},
    {
        "transaction": evm_hash,
        "blockNumber": integer,
        "blockHash": evm_hash,
        "blockTime": time,
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
    {
        "inclusion": inclusion_part,
        "token": token_part,
        "deadlineAt": time,
        "receipt": receipt_part,
    },
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
                {"tokenContracts": listed(address, MAX_COLLECTIONS, 1), "untilBlock": integer},
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
