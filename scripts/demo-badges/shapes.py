"""Outlines and small drawings from which the badge images are put together.

Every image is 480 by 480 units; the middle is (240, 240).
"""

from math import cos, pi, sin

FONT = (
    "Pretendard, 'Noto Sans KR', 'Noto Sans CJK KR', 'Apple SD Gothic Neo', "
    "'Malgun Gothic', sans-serif"
)


def number(value):
    """A coordinate in its shortest form, so that regenerating never changes a byte."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def around(count, radius, turn=0.0, cx=240, cy=240):
    """`count` points on a circle, the first at the top when `turn` is 0."""
    angles = [2 * pi * (step + turn) / count - pi / 2 for step in range(count)]
    return [(cx + radius * cos(angle), cy + radius * sin(angle)) for angle in angles]


def polygon(points, attributes):
    text = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return f'<polygon points="{text}" stroke-linejoin="round" {attributes}/>'


def burst(count, outer, inner, attributes, cx=240, cy=240):
    """A star with `count` points."""
    tips = around(count, outer, 0, cx, cy)
    dips = around(count, inner, 0.5, cx, cy)
    return polygon([point for pair in zip(tips, dips) for point in pair], attributes)


def rosette(lobes, radius, bulge, attributes):
    """A circle with a scalloped edge."""
    dips = around(lobes, radius)
    tips = around(lobes, radius + bulge, 0.5)
    path = f"M{number(dips[0][0])} {number(dips[0][1])}"
    for lobe in range(lobes):
        tip, dip = tips[lobe], dips[(lobe + 1) % lobes]
        path += f"Q{number(tip[0])} {number(tip[1])} {number(dip[0])} {number(dip[1])}"
    return f'<path d="{path}Z" {attributes}/>'


def gradient(name, *colours):
    """A gradient from top left to bottom right, its colours evenly spaced."""
    stops = "".join(
        f'<stop offset="{number(100 * at / (len(colours) - 1))}%" stop-color="{colour}"/>'
        for at, colour in enumerate(colours)
    )
    return f'<linearGradient id="{name}" x1="0" y1="0" x2="1" y2="1">{stops}</linearGradient>'


def text(words, y, size, colour, weight=700, spacing=0, x=240):
    space = f' letter-spacing="{number(spacing)}"' if spacing else ""
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" '
        f'font-weight="{weight}" fill="{colour}"{space}>{words}</text>'
    )


def ribbon(y, width, height, fill, shade):
    """A band across the badge with a folded tail on each side, centred on `y`."""
    left, right, top, bottom = 240 - width / 2, 240 + width / 2, y - height / 2, y + height / 2
    tails = ""
    for edge, out in ((left, -1), (right, 1)):
        tail = [
            (edge - out * 26, top + 14),
            (edge + out * 30, top + 14),
            (edge + out * 16, y + 14),
            (edge + out * 30, bottom + 14),
            (edge - out * 26, bottom + 14),
        ]
        tails += polygon(tail, f'fill="{shade}"')
    band = f'<rect x="{number(left)}" y="{number(top)}" width="{number(width)}" height="{number(height)}" rx="4" fill="{fill}"/>'
    return tails + band


def chip(cx, cy, side, pins, body, lead, die):
    """An integrated circuit from above, with `pins` leads on each side."""
    half, length, thick = side / 2, side * 0.16, side * 0.07
    leads = ""
    for pin in range(pins):
        offset = (pin + 0.5) * side / pins - half - thick / 2
        for x, y, w, h in (
            (cx + offset, cy - half - length, thick, length),
            (cx + offset, cy + half, thick, length),
            (cx - half - length, cy + offset, length, thick),
            (cx + half, cy + offset, length, thick),
        ):
            leads += (
                f'<rect x="{number(x)}" y="{number(y)}" width="{number(w)}" '
                f'height="{number(h)}" rx="1.5" fill="{lead}"/>'
            )
    package = (
        f'<rect x="{number(cx - half)}" y="{number(cy - half)}" width="{number(side)}" '
        f'height="{number(side)}" rx="{number(side * 0.1)}" fill="{body}"/>'
    )
    inner = side * 0.52
    core = (
        f'<rect x="{number(cx - inner / 2)}" y="{number(cy - inner / 2)}" '
        f'width="{number(inner)}" height="{number(inner)}" rx="3" fill="{die}"/>'
    )
    return leads + package + core


def wafer(cx, cy, radius, pitch, disc, die):
    """A silicon wafer with its notch; only whole dies are printed."""
    dies = ""
    steps = int(radius // pitch) + 1
    for row in range(-steps, steps):
        for column in range(-steps, steps):
            corners = [(column + dx) ** 2 + (row + dy) ** 2 for dx in (0, 1) for dy in (0, 1)]
            if max(corners) * pitch * pitch < (radius * 0.94) ** 2:
                dies += (
                    f'<rect x="{number(cx + column * pitch + 1.5)}" '
                    f'y="{number(cy + row * pitch + 1.5)}" width="{number(pitch - 3)}" '
                    f'height="{number(pitch - 3)}" rx="1.5"/>'
                )
    return (
        f'<circle cx="{number(cx)}" cy="{number(cy)}" r="{number(radius)}" fill="{disc}"/>'
        f'<g fill="{die}">{dies}</g>'
    )


def trace(path, node, colour, width=4):
    """A circuit-board trace that ends in a solder point."""
    x, y = node
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{number(width)}" '
        f'stroke-linejoin="round"/><circle cx="{number(x)}" cy="{number(y)}" '
        f'r="{number(width * 1.6)}" fill="{colour}"/>'
    )


def laurel(cx, cy, radius, leaf):
    """Two branches, open at the top."""
    leaves = ""
    for side in (-1, 1):
        for step in range(7):
            angle = pi / 2 - side * (0.55 + step * 0.31)
            x, y = cx + radius * cos(angle), cy + radius * sin(angle)
            turn = angle * 180 / pi - side * 62
            leaves += (
                f'<ellipse cx="{number(x)}" cy="{number(y)}" rx="17" ry="7.5" fill="{leaf}" '
                f'transform="rotate({number(turn)} {number(x)} {number(y)})"/>'
            )
    return leaves
