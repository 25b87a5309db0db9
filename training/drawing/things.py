"""The subjects that nobody lives in: boat, balloon, tree, cat, campfire, snowman, mushroom, rocket."""

from training.drawing.canvas import Color, Point, bezier, ellipse_points, mix, rgb
from training.drawing.parts import DARK, IRON, PALE, ROOF, WHITE, WOOD, Part, box, contrast, shade


def boat(color: Color) -> list[Part]:
    hull = [(-0.58, -0.23), (0.58, -0.23), *bezier((0.58, -0.23), (0.5, 0.02), (0.4, 0.02), (0.3, 0.02))]
    hull += bezier((-0.3, 0.02), (-0.4, 0.02), (-0.5, 0.0), (-0.58, -0.23))
    jib = [(0.07, -0.94), *bezier((0.07, -0.94), (0.3, -0.75), (0.45, -0.5), (0.5, -0.29)), (0.07, -0.29)]
    sail = [(-0.07, -0.86), *bezier((-0.07, -0.86), (-0.24, -0.7), (-0.4, -0.45), (-0.46, -0.29)), (-0.07, -0.29)]
    return [
        Part(box(-0.025, -1.06, 0.03, -0.2), DARK),
        Part([(0.03, -1.06), (0.2, -1.0), (0.03, -0.95)], ROOF if color.sum() > PALE else color),
        Part(jib, WHITE),
        Part(sail, WHITE * 0.93),
        Part(hull, color),
        Part([(-0.56, -0.18), (0.56, -0.18), (0.54, -0.12), (-0.54, -0.12)], contrast(color)),
    ]


def balloon(color: Color) -> list[Part]:
    def envelope(width: float) -> list[Point]:
        left = bezier((-width * 0.24, -0.3), (-width * 0.5, -0.42), (-width, -0.5), (-width, -0.76))
        top = bezier((-width, -0.76), (-width, -1.2), (width, -1.2), (width, -0.76))
        right = bezier((width, -0.76), (width, -0.5), (width * 0.5, -0.42), (width * 0.24, -0.3))
        return left + top[1:] + right[1:]

    return [
        Part([(-0.1, -0.32), (-0.085, -0.32), (-0.105, -0.18), (-0.12, -0.18)], DARK),
        Part([(0.1, -0.32), (0.085, -0.32), (0.105, -0.18), (0.12, -0.18)], DARK),
        Part(envelope(0.46), color),
        Part(envelope(0.3), contrast(color)),
        Part(envelope(0.14), color),
        Part(box(-0.14, -0.2, 0.14, -0.01), WOOD),
        Part(box(-0.14, -0.2, 0.14, -0.15), mix(WOOD, WHITE, 0.25)),
    ]


def tree(color: Color) -> list[Part]:
    light = mix(color, WHITE, 0.18)
    return [
        Part([(-0.12, 0), (-0.07, -0.5), (0.07, -0.5), (0.12, 0)], rgb(124, 82, 56)),
        Part(ellipse_points(-0.26, -0.54, 0.24, 0.22), shade(color)),
        Part(ellipse_points(0.26, -0.54, 0.24, 0.22), shade(color)),
        Part(ellipse_points(0, -0.72, 0.36, 0.33), color),
        Part(ellipse_points(-0.1, -0.83, 0.15, 0.12), light),
        Part(ellipse_points(0.14, -0.62, 0.08, 0.06), light),
    ]


def cat(color: Color) -> list[Part]:
    tail = bezier((0.2, -0.02), (0.6, 0.0), (0.6, -0.3), (0.44, -0.46))
    tail += bezier((0.55, -0.54), (0.8, -0.24), (0.72, 0.12), (0.2, 0.02))
    eye, dark = rgb(252, 226, 84) if color.sum() < PALE else rgb(84, 176, 112), rgb(30, 26, 40)
    belly = mix(color, WHITE, 0.45)
    parts = [
        Part(tail, shade(color)),
        Part(ellipse_points(0, -0.3, 0.31, 0.33), color),
        Part(ellipse_points(0, -0.24, 0.17, 0.22), belly),
        Part([(-0.27, -0.74), (-0.28, -1.1), (-0.02, -0.9)], color),
        Part([(0.27, -0.74), (0.28, -1.1), (0.02, -0.9)], color),
        Part([(-0.23, -0.84), (-0.24, -1.02), (-0.11, -0.92)], rgb(240, 160, 170)),
        Part([(0.23, -0.84), (0.24, -1.02), (0.11, -0.92)], rgb(240, 160, 170)),
        Part(ellipse_points(0, -0.72, 0.3, 0.26), color),
        Part(ellipse_points(0, -0.63, 0.13, 0.09), belly),
        Part([(-0.04, -0.67), (0.04, -0.67), (0, -0.62)], rgb(236, 120, 140)),
    ]
    for x in (-0.125, 0.125):
        parts += [
            Part(ellipse_points(x, -0.77, 0.068, 0.07), eye, bright=True),
            Part(ellipse_points(x, -0.77, 0.024, 0.055), dark, bright=True),
        ]
    return parts


def campfire(_: Color) -> list[Part]:
    def flame(width: float, height: float) -> list[Point]:
        left = bezier((-width, -0.14), (-width * 1.25, -height * 0.5), (-width * 0.2, -height * 0.55), (0, -height))
        return left + bezier((0, -height), (width * 0.3, -height * 0.6), (width * 1.3, -height * 0.5), (width, -0.14))

    return [
        Part([(-0.46, -0.03), (0.34, -0.22), (0.4, -0.1), (-0.4, 0.07)], WOOD),
        Part([(0.46, -0.03), (-0.34, -0.22), (-0.4, -0.1), (0.4, 0.07)], WOOD * 1.15),
        Part(flame(0.34, 1.0), rgb(244, 92, 40), bright=True),
        Part(flame(0.22, 0.7), rgb(254, 178, 48), bright=True),
        Part(flame(0.11, 0.44), rgb(255, 242, 166), bright=True),
    ]


def snowman(_: Color) -> list[Part]:
    snow, coal = rgb(250, 252, 255), rgb(46, 42, 56)
    return [
        Part([(-0.26, -0.5), (-0.56, -0.74), (-0.53, -0.78), (-0.23, -0.55)], WOOD),
        Part([(0.26, -0.5), (0.56, -0.74), (0.53, -0.78), (0.23, -0.55)], WOOD),
        Part(ellipse_points(0, -0.24, 0.34, 0.28), snow),
        Part(ellipse_points(0, -0.52, 0.26, 0.2), snow),
        Part(ellipse_points(0, -0.78, 0.2, 0.18), snow),
        Part([(-0.21, -0.68), (0.21, -0.68), (0.2, -0.6), (-0.2, -0.6)], ROOF),
        Part([(0.07, -0.64), (0.17, -0.64), (0.18, -0.4), (0.08, -0.42)], ROOF),
        Part(box(-0.15, -1.14, 0.15, -0.92), coal),
        Part(box(-0.15, -0.99, 0.15, -0.94), ROOF),
        Part(box(-0.25, -0.94, 0.25, -0.88), coal),
        Part(ellipse_points(-0.075, -0.82, 0.028, 0.03), coal),
        Part(ellipse_points(0.075, -0.82, 0.028, 0.03), coal),
        Part([(-0.02, -0.79), (-0.02, -0.73), (0.17, -0.74)], rgb(246, 140, 44)),
        *(Part(ellipse_points(-0.02, y, 0.03, 0.03), coal) for y in (-0.5, -0.36, -0.2)),
    ]


def mushroom(color: Color) -> list[Part]:
    stem, dots = rgb(250, 236, 214), WHITE if color.sum() < 700 else ROOF
    body = [(-0.15, -0.46), *bezier((-0.15, -0.46), (-0.12, -0.2), (-0.24, -0.06), (-0.2, 0.0))]
    body += [*bezier((0.2, 0.0), (0.24, -0.06), (0.12, -0.2), (0.15, -0.46))]
    cap = [*bezier((-0.52, -0.46), (-0.5, -1.14), (0.5, -1.14), (0.52, -0.46), 16)]
    cap += bezier((0.52, -0.46), (0.3, -0.34), (-0.3, -0.34), (-0.52, -0.46))
    gills = [*bezier((-0.42, -0.45), (-0.2, -0.36), (0.2, -0.36), (0.42, -0.45))]
    return [
        Part(body, stem),
        Part(cap, color),
        Part(gills, mix(stem, DARK, 0.25)),
        Part(ellipse_points(-0.05, -0.78, 0.12, 0.1), dots),
        Part(ellipse_points(0.26, -0.62, 0.085, 0.08), dots),
        Part(ellipse_points(-0.31, -0.6, 0.08, 0.075), dots),
    ]


def rocket(color: Color) -> list[Part]:
    fin = contrast(color) if color.sum() < PALE else ROOF
    body = bezier((-0.16, -0.2), (-0.3, -0.6), (-0.2, -0.95), (0, -1.16))
    body += bezier((0, -1.16), (0.2, -0.95), (0.3, -0.6), (0.16, -0.2))
    flame = bezier((-0.1, -0.18), (-0.16, 0.0), (-0.03, 0.02), (0, 0.1))
    flame += bezier((0, 0.1), (0.03, 0.02), (0.16, 0.0), (0.1, -0.18))
    nose = [(-0.158, -0.93), *bezier((-0.158, -0.93), (-0.1, -1.05), (-0.05, -1.12), (0, -1.16))]
    nose += bezier((0, -1.16), (0.05, -1.12), (0.1, -1.05), (0.158, -0.93))
    return [
        Part(flame, rgb(254, 168, 48), bright=True),
        Part([(-0.2, -0.5), (-0.42, -0.22), (-0.4, 0.0), (-0.16, -0.2)], fin),
        Part([(0.2, -0.5), (0.42, -0.22), (0.4, 0.0), (0.16, -0.2)], fin),
        Part(body, color),
        Part(nose, fin),
        Part(ellipse_points(0, -0.66, 0.11, 0.11), IRON),
        Part(ellipse_points(0, -0.66, 0.08, 0.08), rgb(150, 220, 250), bright=True),
        Part(box(-0.17, -0.25, 0.17, -0.18), IRON),
    ]
