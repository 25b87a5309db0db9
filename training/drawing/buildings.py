"""The buildings among the subjects: house, lighthouse, castle, windmill."""

from training.drawing.canvas import Color, Point, bezier, ellipse_points, mix, rgb
from training.drawing.parts import DARK, IRON, PALE, ROOF, STONE, WHITE, WINDOW, Part, box, shade, window


def _arch(half: float, height: float) -> list[Point]:
    """A door with a round top."""
    side, top = height * 0.55, height * 1.12
    return [(-half, 0), *bezier((-half, -side), (-half, -top), (half, -top), (half, -side)), (half, 0)]


def house(color: Color) -> list[Part]:
    return [
        Part(box(0.16, -1.0, 0.29, -0.6), rgb(150, 92, 80)),
        Part(box(-0.43, -0.56, 0.43, 0), color),
        Part(box(0.3, -0.56, 0.43, 0), shade(color)),
        Part([(-0.55, -0.53), (-0.3, -0.97), (0.3, -0.97), (0.55, -0.53)], DARK),
        Part([(-0.5, -0.61), (-0.28, -0.95), (-0.2, -0.95), (-0.4, -0.61)], mix(DARK, WHITE, 0.14)),
        Part(box(-0.1, -0.36, 0.1, 0), DARK),
        Part(ellipse_points(0.06, -0.17, 0.018, 0.018), rgb(250, 214, 96)),
        *window(-0.26, -0.32, 0.09, WHITE if color.sum() < PALE else DARK),
        *window(0.25, -0.32, 0.09, WHITE if color.sum() < PALE else DARK),
    ]


def lighthouse(color: Color) -> list[Part]:
    def half_width(share: float) -> float:
        return 0.23 - 0.1 * share

    parts = [Part([(-0.23, 0), (-0.13, -0.8), (0.13, -0.8), (0.23, 0)], WHITE if color.sum() < 700 else STONE)]
    for low, high in ((0.0, 0.2), (0.4, 0.6), (0.8, 1.0)):
        a, b = half_width(low), half_width(high)
        parts.append(Part([(-a, -0.8 * low), (-b, -0.8 * high), (b, -0.8 * high), (a, -0.8 * low)], color))
    return [
        *parts,
        Part(box(-0.065, -0.16, 0.065, 0), DARK),
        Part(box(-0.2, -0.86, 0.2, -0.79), IRON),
        Part(box(-0.11, -1.0, 0.11, -0.86), rgb(255, 232, 140), bright=True),
        Part([(-0.19, -0.98), (0, -1.16), (0.19, -0.98)], color),
    ]


def castle(_: Color) -> list[Part]:
    parts = [Part(box(-0.3, -0.46, 0.3, 0), STONE)]
    parts += [Part(box(x - 0.05, -0.52, x + 0.05, -0.45), STONE) for x in (-0.2, 0.2)]
    for x in (-0.42, 0.42):
        parts += [
            Part(box(x - 0.14, -0.68, x + 0.14, 0), mix(STONE, WHITE, 0.2) if x < 0 else shade(STONE)),
            Part([(x - 0.19, -0.66), (x, -0.98), (x + 0.19, -0.66)], ROOF),
            Part(box(x - 0.045, -0.5, x + 0.045, -0.34), WINDOW),
        ]
    return [
        *parts,
        Part(box(-0.15, -0.8, 0.15, -0.3), STONE),
        Part([(-0.2, -0.78), (0, -1.14), (0.2, -0.78)], ROOF),
        Part(_arch(0.11, 0.29), DARK),
        Part(box(-0.055, -0.68, 0.055, -0.5), WINDOW),
    ]


def windmill(color: Color) -> list[Part]:
    parts = [
        Part([(-0.27, 0), (-0.16, -0.66), (0.16, -0.66), (0.27, 0)], color),
        Part([(0.13, 0), (0.08, -0.66), (0.16, -0.66), (0.27, 0)], shade(color)),
        Part([(-0.19, -0.64), *bezier((-0.19, -0.64), (-0.16, -0.86), (0.16, -0.86), (0.19, -0.64))], DARK),
        Part(_arch(0.08, 0.24), DARK),
        Part(ellipse_points(0, -0.4, 0.055, 0.06), WINDOW),
    ]
    sail, middle = WHITE if color.sum() < 700 else ROOF, -0.68
    for ax, ay in ((0.71, 0.71), (-0.71, 0.71), (0.71, -0.71), (-0.71, -0.71)):
        side_x, side_y = -ay, ax
        near, far, half = 0.1, 0.56, 0.065
        parts.append(
            Part(
                [
                    (ax * near + side_x * half, middle + ay * near + side_y * half),
                    (ax * far + side_x * half, middle + ay * far + side_y * half),
                    (ax * far - side_x * half, middle + ay * far - side_y * half),
                    (ax * near - side_x * half, middle + ay * near - side_y * half),
                ],
                sail,
            )
        )
    return [*parts, Part(ellipse_points(0, middle, 0.07, 0.07), DARK)]
