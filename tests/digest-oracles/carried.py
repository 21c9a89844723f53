"""What an image or a token carries, by programs of others: openbadges_bakery, pypng, defusedxml, PyJWT.

    carried.py unbake DIRECTORY       reads paths line by line; writes the JSON text that each file
                                      carries into DIRECTORY and prints a JSON object a line: `path`,
                                      `form`, and `text` (the file written) or `problem`
    carried.py bake IMAGE DIRECTORY   reads paths of badges line by line, JSON or JWS; bakes each
                                      into a copy of IMAGE in DIRECTORY, and prints the copies' paths
    carried.py sign DIRECTORY         reads paths of JSON files line by line; writes each as a compact
                                      JWS into DIRECTORY, and prints the new paths
"""

import io
import json
import sys
from pathlib import Path

import defusedxml.common
import jwt
import png
from defusedxml import ElementTree
from openbadges_bakery import utils as bakery

KEYWORDS = {b"openbadges", b"openbadgecredential", b"clrcredential"}
ELEMENTS = {
    "{http://openbadges.org}assertion",
    "{https://purl.imsglobal.org/ob/v3p0}credential",
    "{https://purl.imsglobal.org/clr/v2p0}credential",
}


class NothingFound(ValueError):
    """The file carries no badge, or more than one."""


def only(found: list):
    if len(found) != 1:
        raise NothingFound(f"{len(found)} badges")
    return found[0]


def in_png(data: bytes) -> bytes:
    chunks = [(bytes(kind), bytes(body)) for kind, body in png.Reader(bytes=data).chunks()]
    badges = [
        (kind, *body.split(b"\0", 1))
        for kind, body in chunks
        if kind in (b"iTXt", b"tEXt", b"zTXt") and body.split(b"\0", 1)[0] in KEYWORDS
    ]
    kind, keyword, rest = only(badges)
    if kind != b"iTXt":
        raise NothingFound(f"the badge is in {kind.decode()}")
    if keyword == b"openbadges":
        return bakery.unbake(io.BytesIO(data)).encode()
    if rest[:1] != b"\0":
        raise NothingFound("compressed")
    # flag, method, language, translated keyword, text
    return rest[2:].split(b"\0", 2)[2]


def in_svg(data: bytes) -> bytes:
    # a document type may be named, but neither declares entities nor is fetched
    root = ElementTree.fromstring(data)
    element = only([one for one in root.iter() if one.tag in ELEMENTS])
    body = "".join(element.itertext()).strip()
    return (body or element.get("verify", "")).encode()


def in_jws(data: bytes) -> bytes:
    options = {"verify_signature": False}
    return jwt.api_jws.decode_complete(data.strip(), options=options)["payload"]


def in_jws_json(document: dict) -> bytes:
    signature = only(document["signatures"]) if "signatures" in document else document
    parts = (signature["protected"], document["payload"], signature["signature"])
    return in_jws(".".join(parts).encode())


def in_text(data: bytes) -> tuple[str, bytes]:
    """A JSON object as it is, or what a JWS signs."""
    if not data.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").startswith(b"{"):
        return "jws", in_jws(data)
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return "json", data
    if set(document) in ({"payload", "signatures"}, {"payload", "protected", "signature"}):
        return "jws-json", in_jws_json(document)
    return "json", data


def in_file(data: bytes) -> tuple[str, bytes]:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png", in_text(in_png(data))[1]
    if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return "svg", in_text(in_svg(data))[1]
    return in_text(data)


# an unreadable file ends in an error of whichever library met it first
UNREADABLE = (
    ValueError, KeyError, TypeError, AttributeError, EOFError, SyntaxError,
    png.Error, jwt.PyJWTError, defusedxml.common.DefusedXmlException,
)  # fmt: skip


def unbake(directory: Path) -> None:
    for number, line in enumerate(sys.stdin):
        path = line.rstrip("\n")
        answer = {"path": path}
        try:
            answer["form"], text = in_file(Path(path).read_bytes())
            target = directory / f"{number:05}.json"
            target.write_bytes(text)
            answer["text"] = str(target)
        except UNREADABLE as error:
            answer["problem"] = f"{type(error).__name__}: {error}"
        print(json.dumps(answer))


def bake(image: Path, directory: Path) -> None:
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        target = directory / f"{path.stem}{image.suffix}"
        with image.open("rb") as source, target.open("w+b") as baked:
            bakery.bake(source, path.read_text(encoding="utf-8-sig"), baked)
        print(target)


def sign(directory: Path) -> None:
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        target = directory / f"{path.stem}.jwt"
        # whose key it is does not matter here
        target.write_text(jwt.api_jws.encode(path.read_bytes(), "k" * 32, algorithm="HS256"))
        print(target)


if __name__ == "__main__":
    verb, *arguments = sys.argv[1:]
    {"unbake": unbake, "bake": bake, "sign": sign}[verb](*map(Path, arguments))
