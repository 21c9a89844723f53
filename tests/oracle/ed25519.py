"""RFC 8032 section 5.1 in extended coordinates: verification only, strict as FORMAT.md section 7 asks."""

import hashlib

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
