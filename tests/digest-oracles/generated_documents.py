"""JSON texts drawn from a seed: the same texts for the same seed.

Every text is one object. Most are strict JSON, written in many spellings; in some, one place breaks
a rule. Which rules a text breaks is not told here, but by strict_json.py.
"""

import json
import math
import random
import struct

EDGE_NUMBERS = """
0 -0 0.0 -0.0 0e999 -0E-5 1 -1 10 100 1e0 1E+0 1e-0 1.0 1.50 0.1 -0.5 1e-6 1e-7 0.000001 0.0000001
9.999999999999999e-7 123456789e-15 1e20 1E21 1e+21 1e22 1e23 100000000000000000000e1
9.999999999999999e22 1.0000000000000001 0.30000000000000004 333333333.33333329 4.35 4.349999999999999
5e-324 4.9406564584124654e-324 3e-324 2.2250738585072014e-308 2.225073858507201e-308
2.2250738585072011e-308 1.7976931348623157e308 -1.7976931348623157E+308 9007199254740991
-9007199254740991 9007199254740990.5 4503599627370495.5 4503599627370497.5 1e15 1E15 999999999999999
0.00001234567890123 12345.678900e-3 1000000000000000000000e-10 295147905179352830000e2
""".split()
BROKEN_NUMBERS = """
9007199254740992 -9007199254740992 9007199254740993 9007199254740991.5 1e16 9007199254740992e0 1e17
999999999999999900000 123456789012345678 1.000000000000000005 0.1234567890123456789 1e309 -1e400
1.7976931348623159e308 1e-324 2e-324 -1e-400 1000000000000000000000 01 1. .5 +1 1e 0x10 NaN -Infinity
""".split()
NAMES = [
    "", "__proto__", "constructor", "toJSON", "hasOwnProperty", "length", "0", "1", "10", "9", "-1",
    "a", "A", "aa", "a\u0000", "a\u0001b", "\u007f", "\u0080", "é", "e\u0301", "\u20ac", "\u2028",
    "\ud7ff", "\ue000", "\ufb33", "\ufeff", "\uffff", "\U00010000", "\U0001f600", "\U0010ffff",
    "\U00010000\ue000", "\ue000\U00010000", "가", "\u1100\u1161", "각", "값", "type ", "이름",
]  # fmt: skip
RANGES = [
    (0x00, 0x1F), (0x20, 0x7F), (0x20, 0x7F), (0x80, 0x7FF), (0x1100, 0x11FF), (0x2020, 0x2030),
    (0xAC00, 0xD7A3), (0xD7F0, 0xD7FF), (0xE000, 0xE010), (0xFFF0, 0xFFFF), (0x10000, 0x10010),
    (0x1F600, 0x1F64F), (0x10FFF0, 0x10FFFF),
]  # fmt: skip
SHORT = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r",
         "\t": "\\t"}  # fmt: skip
LONE_SURROGATES = [r"\ud800", r"\uDFFF", r"\udc00\ud800", r"\uD83Dx", r"\ud83d\n", r"\uDBFF\uDBFF"]
SPACES = ["", "", "", " ", "\n", "\r\n\t", "  "]
DEEPEST = 64


class Writer:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        # the rule to break once in this text, while it is still to be broken
        self.breaks: str | None = None

    def one_of(self, choices):
        return choices[self.random.randrange(len(choices))]

    def chance(self, one_in: int) -> bool:
        return self.random.randrange(one_in) == 0

    def breaks_here(self, rule: str) -> bool:
        if self.breaks != rule or not self.chance(3):
            return False
        self.breaks = None
        return True

    def space(self) -> str:
        return self.one_of(SPACES)

    # --- numbers

    def double(self) -> float:
        kind = self.random.randrange(6)
        if kind == 0:
            return self.random.getrandbits(53) * self.one_of([1.0, -1.0])
        if kind == 1:
            near = self.one_of([2.0, 10.0]) ** self.random.randrange(-300, 300)
            return self.one_of([near, math.nextafter(near, 0.0), math.nextafter(near, math.inf)])
        if kind == 2:
            return round(self.random.random() * 10 ** self.random.randrange(8), 3)
        if kind == 3:
            # subnormal
            return struct.unpack("<d", struct.pack("<Q", self.random.getrandbits(52)))[0]
        while True:
            value = struct.unpack("<d", struct.pack("<Q", self.random.getrandbits(64)))[0]
            if math.isfinite(value):
                return value

    def number(self) -> str:
        if self.breaks_here("number"):
            return self.one_of(BROKEN_NUMBERS)
        if self.chance(3):
            return self.one_of(EDGE_NUMBERS)
        value = self.double()
        spelling = self.random.randrange(4)
        if spelling == 0:
            return f"{value:.16e}"
        if spelling == 1:
            return f"{value!r}".upper().replace("E+", "E+00")
        if spelling == 2 and 1e-5 < abs(value) < 1e15:
            return f"{value:.6f}"
        return repr(value)

    # --- strings

    def character(self, code: int) -> str:
        character = chr(code)
        kind = self.random.randrange(4)
        if character in SHORT and (kind or code < 0x20):
            return SHORT[character]
        if code < 0x20 or kind == 0 or character in '"\\':
            units = character.encode("utf-16-be")
            text = "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
            return text if self.chance(2) else text.upper().replace("\\U", "\\u")
        return character

    def quoted(self, text: str) -> str:
        return '"' + "".join(self.character(ord(one)) for one in text) + '"'

    def text(self) -> str:
        def one() -> str:
            low, high = self.one_of(RANGES)
            return chr(self.random.randint(low, high))

        return "".join(one() for _ in range(self.random.randrange(9)))

    def string(self) -> str:
        if self.breaks_here("surrogate"):
            return f'"{self.quoted(self.text())[1:-1]}{self.one_of(LONE_SURROGATES)}"'
        if self.breaks_here("grammar"):
            return self.one_of(['"\t"', "'a'", r'"\x41"', r'"\u12G4"', '"\\', "True", "\u00a0null"])
        return self.quoted(self.text())

    # --- structures

    def value(self, depth: int) -> str:
        kind = self.random.randrange(8 if depth < 6 else 5)
        if kind < 2:
            return self.number()
        if kind < 4:
            return self.string()
        if kind == 4:
            return self.one_of(["null", "true", "false", "[]", "{}", "[ \n]", "{\t}"])
        if kind == 5:
            return self.array([self.value(depth + 1) for _ in range(self.random.randrange(5))])
        return self.object(self.members(depth))

    def array(self, elements: list[str]) -> str:
        inside = f"{self.space()},{self.space()}".join(elements)
        return f"[{self.space()}{inside}{self.space()}]"

    def members(self, depth: int) -> list[tuple[str, str]]:
        count = self.random.randrange(8)
        names = {self.one_of(NAMES) + (self.text() if self.chance(3) else "") for _ in range(count)}
        names = sorted(names)
        self.random.shuffle(names)
        if names and self.breaks_here("duplicate"):
            names.append(names[0])
        return [(self.quoted(name), self.value(depth + 1)) for name in names]

    def object(self, members: list[tuple[str, str]]) -> str:
        gap = f"{self.space()},{self.space()}"
        inside = gap.join(f"{name}{self.space()}:{self.space()}{value}" for name, value in members)
        return f"{{{self.space()}{inside}{self.space()}}}"

    def nested(self, depth: int) -> str:
        """A value with `depth` arrays and objects inside each other."""
        text = self.one_of(["[]", "{}"])
        for _ in range(depth - 1):
            text = self.array([text]) if self.chance(2) else self.object([(self.string(), text)])
        return text

    def credential(self) -> list[tuple[str, str]]:
        """The members that make an object a badge, with a proof that may be left out or may not."""
        types = ["VerifiableCredential", "OpenBadgeCredential"]
        members = [
            ('"type"', json.dumps(self.one_of([types, types[0], types[:1], ["Other", types[0]]]))),
            ('"issuer"', self.one_of(['"did:example:a"', '{"id":"https:\\/\\/a.example"}'])),
        ]
        good = ['{"type":"DataIntegrityProof","proofValue":"z1"}', '[{"type":"A"},{"type":"B"}]', "[]"]
        bad = ["null", '"z1"', "{}", '[{"type":"A"},{}]', '{"type":["A"]}', "[[]]", '{"type":1}']
        if self.breaks_here("proof"):
            members.append(('"proof"', self.one_of(bad)))
        elif self.chance(2):
            members.append((r'"pr\u006Fof"' if self.chance(3) else '"proof"', self.one_of(good)))
        return members

    def document(self, breaks: str | None) -> bytes:
        self.breaks = breaks
        members = [("\"content\"", self.value(0))] + self.members(0)
        if self.breaks == "depth" or self.chance(12):
            # the top, and one more at most
            depth = DEEPEST if self.breaks == "depth" else self.random.randrange(50, DEEPEST)
            members.append(('"nested"', self.nested(depth)))
        if self.breaks == "proof" or self.chance(2):
            members += self.credential()
        self.random.shuffle(members)
        text = f"{self.space()}{self.object(members)}{self.space()}"
        mark = b"\xef\xbb\xbf" if self.chance(10) else b""
        data = text.encode("utf-8", "surrogatepass")
        if self.breaks == "encoding":
            data = data.replace(b'"content"', b'"content' + self.one_of(
                [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe3\x81"]) + b'"')
        return mark + data


BREAKS = ["number", "surrogate", "grammar", "duplicate", "depth", "proof", "encoding"]


def documents(seed: int, count: int) -> list[bytes]:
    """A quarter of them is meant to break a rule."""
    writer = Writer(seed)
    return [
        writer.document(BREAKS[at // 4 % len(BREAKS)] if at % 4 == 0 else None)
        for at in range(count)
    ]
