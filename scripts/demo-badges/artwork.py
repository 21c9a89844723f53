"""One image per badge: the three course levels in their metal, the others each in a form and
colour of their own."""

from shapes import (
    FONT, around, burst, chip, gradient, laurel, number, polygon, ribbon, rosette, text, trace,
    wafer,
)

INK, WHITE = "#14213d", "#ffffff"

# light, middle and dark of each metal
METALS = {
    "bronze": ("#f4cfa6", "#c27a3e", "#7a4519"),
    "silver": ("#f8fafc", "#b4bfca", "#6a7785"),
    "gold": ("#fff1b8", "#e6b531", "#96690a"),
}


def image(title, definitions, drawing):
    """A whole SVG image; `title` is read out by screen readers."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 480" role="img" '
        f'font-family="{FONT}" text-anchor="middle">\n<title>{title}</title>\n'
        f'<defs>{definitions}</defs>\n' + "\n".join(drawing) + "\n</svg>\n"
    )


def level(metal, course, credits, stars, outline, motif):
    """A course level: plate in its metal, its stars, the course and its credits."""
    light, middle, dark = METALS[metal]
    definitions = gradient("metal", light, middle, dark, middle) + gradient("plate", "#25375f", INK)
    row = "".join(
        burst(5, 15, 6.5, f'fill="{light}"', 240 + (place - (stars - 1) / 2) * 38, 86)
        for place in range(stars)
    )
    drawing = [
        outline(226, f'fill="url(#metal)" stroke="{dark}" stroke-width="3"'),
        outline(200, f'fill="url(#plate)" stroke="{light}" stroke-width="3"'),
        row,
        motif(light, middle, dark),
        text(course, 324, 52, WHITE, 800),
        ribbon(382, 268, 50, "url(#metal)", dark),
        text(f"{credits}학점 · {metal.upper()}", 391, 25, INK, 800, 1),
    ]
    return image(f"{course} {credits}학점 배지", definitions, drawing)


def bronze():
    def motif(light, middle, dark):
        return chip(240, 190, 108, 5, middle, light, dark)

    def outline(radius, attributes):
        return polygon(around(6, radius), attributes)

    return level("bronze", "공통과정", 12, 1, outline, motif)


def silver():
    def motif(light, middle, dark):
        traces = ""
        for side in (-1, 1):
            for drop, reach in ((-34, 108), (0, 132), (34, 108)):
                bend = 240 + side * 76
                end = (240 + side * reach, 188 + drop * 1.7)
                path = f"M240 {number(188 + drop)}H{bend}L{number(bend + side * 20)} {number(end[1])}H{number(end[0])}"
                traces += trace(path, end, middle)
        return traces + chip(240, 188, 100, 6, light, middle, dark)

    def outline(radius, attributes):
        return polygon(around(8, radius, 0.5), attributes)

    return level("silver", "심화과정", 24, 2, outline, motif)


def gold():
    def motif(light, middle, dark):
        return (
            laurel(240, 180, 96, middle)
            + wafer(240, 180, 76, 14, light, middle)
            + f'<circle cx="240" cy="180" r="46" fill="{light}"/>'
            + chip(240, 180, 52, 4, INK, INK, middle)
        )

    def outline(radius, attributes):
        return rosette(16, radius - 6, 22, attributes)

    return level("gold", "전문과정", 36, 3, outline, motif)


def learning():
    """Learning: an open book from which a circuit grows."""
    definitions = gradient("sea", "#3fd0bd", "#0a7d86", "#075563")
    circuit = "".join(
        trace(path, node, "#c9fff2", 5)
        for path, node in (
            ("M240 236V104", (240, 104)),
            ("M240 214L196 170V128", (196, 128)),
            ("M240 214L284 170V128", (284, 128)),
            ("M240 232L158 186V158", (158, 158)),
            ("M240 232L322 186V158", (322, 158)),
        )
    )
    book = (
        '<path d="M240 236C206 208 160 204 124 212V288C160 280 206 284 240 308Z" fill="#ffffff"/>'
        '<path d="M240 236C274 208 320 204 356 212V288C320 280 274 284 240 308Z" fill="#d8f5ef"/>'
        '<path d="M124 296C160 288 206 292 240 316C274 292 320 288 356 296" fill="none" '
        'stroke="#c9fff2" stroke-width="6" stroke-linecap="round"/>'
    )
    drawing = [
        '<rect x="20" y="20" width="440" height="440" rx="112" fill="url(#sea)"/>',
        '<rect x="36" y="36" width="408" height="408" rx="98" fill="none" stroke="#c9fff2" '
        'stroke-width="3" stroke-dasharray="2 9" stroke-linecap="round"/>',
        circuit,
        book,
        text("반도체 8대 공정", 368, 40, WHITE, 800),
        text("LEARNING · 15시간", 404, 20, "#c9fff2", 600, 1),
    ]
    return image("반도체 8대 공정 학습 배지", definitions, drawing)


def completion():
    """Completion: a finished wafer, ticked off, with the tails of a medal."""
    definitions = gradient("leaf", "#6fd68d", "#1f8f52", "#0c5a36")
    tails = polygon([(150, 360), (112, 474), (170, 450), (206, 478), (232, 380)], 'fill="#0c5a36"')
    tails += polygon([(330, 360), (368, 474), (310, 450), (274, 478), (248, 380)], 'fill="#0a4a2d"')
    tick = (
        '<path d="M184 170L224 212L300 122" fill="none" stroke="#0c5a36" stroke-width="42" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
        '<path d="M184 170L224 212L300 122" fill="none" stroke="#ffffff" stroke-width="24" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )
    drawing = [
        tails,
        '<circle cx="240" cy="222" r="206" fill="url(#leaf)" stroke="#0c5a36" stroke-width="3"/>',
        '<circle cx="240" cy="222" r="188" fill="none" stroke="#d9f7e2" stroke-width="3"/>',
        wafer(240, 166, 104, 21, "#d9f7e2", "#8fd9a8"),
        tick,
        text("공정 실습 수료", 328, 40, WHITE, 800),
        text("COMPLETION · 40시간", 364, 19, "#d9f7e2", 600, 1),
    ]
    return image("반도체 공정 실습 수료 배지", definitions, drawing)


def award():
    """Award: a star in a laurel wreath."""
    definitions = gradient("violet", "#9a78e6", "#5a34b0", "#331a72") + gradient("gilt", "#fff1b8", "#e6b531")
    drawing = [
        burst(24, 232, 206, 'fill="url(#violet)" stroke="#331a72" stroke-width="3"'),
        '<circle cx="240" cy="240" r="184" fill="#2c1764" stroke="url(#gilt)" stroke-width="5"/>',
        laurel(240, 186, 98, "#e6b531"),
        burst(5, 74, 31, 'fill="url(#gilt)" stroke="#96690a" stroke-width="2"', 240, 184),
        text("우수학생상", 338, 46, WHITE, 800),
        text("AWARD · 2026", 374, 21, "#fff1b8", 600, 2),
    ]
    return image("우수학생상 배지", definitions, drawing)


def seminar():
    """Seminar: a speech bubble with a microphone."""
    definitions = gradient("sky", "#74b3ff", "#2f6fe4", "#173f9c")
    bubble = (
        "M96 36H384A72 72 0 0 1 456 108V300A72 72 0 0 1 384 372H272L176 456V372H96"
        "A72 72 0 0 1 24 300V108A72 72 0 0 1 96 36Z"
    )
    waves = "".join(
        f'<path d="M{240 + side * reach} {156 - rise}Q{240 + side * (reach + rise * 0.55):g} 156 '
        f'{240 + side * reach} {156 + rise}" fill="none" stroke="#cfe3ff" stroke-width="7" '
        'stroke-linecap="round"/>'
        for side in (-1, 1)
        for reach, rise in ((64, 26), (90, 42), (116, 58))
    )
    microphone = (
        '<rect x="210" y="84" width="60" height="106" rx="30" fill="#ffffff"/>'
        '<path d="M216 120H264M216 140H264M216 160H264" stroke="#9cc4ff" stroke-width="5"/>'
        '<path d="M196 162A44 44 0 0 0 284 162" fill="none" stroke="#ffffff" stroke-width="9" '
        'stroke-linecap="round"/><path d="M240 206V236M210 238H270" stroke="#ffffff" '
        'stroke-width="9" stroke-linecap="round"/>'
    )
    drawing = [
        f'<path d="{bubble}" fill="url(#sky)" stroke="#173f9c" stroke-width="3" stroke-linejoin="round"/>',
        waves,
        microphone,
        text("산업체 전문가 세미나", 300, 37, WHITE, 800),
        text("SEMINAR · 2026-1", 336, 20, "#dbe9ff", 600, 2),
    ]
    return image("반도체 산업체 전문가 세미나 배지", definitions, drawing)


def design_contest():
    """Design contest: a trophy on a shield that is laid out like a chip."""
    definitions = gradient("ember", "#ff9a62", "#d8403f", "#84182f") + gradient("cup", "#fff1b8", "#e6b531")
    shield = "M240 18L438 74V238C438 344 352 424 240 464C128 424 42 344 42 238V74Z"
    inner = "M240 38L420 89V238C420 333 342 406 240 443C138 406 60 333 60 238V89Z"
    layout = (
        '<path d="M60 150H150V112H200M60 196H132V228H172M420 150H330V112H280M420 196H348V228H308'
        'M96 300H150M384 300H330" fill="none" stroke="#ffd9b8" stroke-opacity=".45" stroke-width="4"/>'
    )
    trophy = (
        '<path d="M178 104H302V150C302 196 274 222 240 222C206 222 178 196 178 150Z" fill="url(#cup)"/>'
        '<path d="M178 118H150V136C150 164 166 180 188 182M302 118H330V136C330 164 314 180 292 182" '
        'fill="none" stroke="#e6b531" stroke-width="10" stroke-linejoin="round"/>'
        '<path d="M228 218H252V246H284V264H196V246H228Z" fill="#e6b531"/>'
    )
    drawing = [
        f'<path d="{shield}" fill="url(#ember)" stroke="#84182f" stroke-width="3" stroke-linejoin="round"/>',
        f'<path d="{inner}" fill="none" stroke="#ffe3c9" stroke-width="3" stroke-linejoin="round"/>',
        layout,
        trophy,
        chip(240, 152, 42, 4, "#84182f", "#84182f", "#fff1b8"),
        text("반도체 설계 경진대회", 318, 33, WHITE, 800),
        text("최우수상", 362, 36, "#fff1b8", 800, 2),
        text("DESIGN CONTEST", 396, 17, "#ffe3c9", 600, 2),
    ]
    return image("반도체 설계 경진대회 최우수상 배지", definitions, drawing)
