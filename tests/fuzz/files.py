"""Picture files nobody means well with: whole ones changed, cut and put together, and headers that lie."""

from __future__ import annotations

import struct
import zlib

from hypothesis import strategies as st
from PIL import Image

from tests import pictures
from tests.pictures import chunk, encoded, exif, noise, plain

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
SWOLLEN = b"k\0\0" + zlib.compress(b"A" * 3_000_000)


def _whole() -> dict[str, bytes]:
    small, gray = noise((40, 30)), noise((40, 30), "L")
    return {
        "png": encoded(small, exif=exif(6), icc_profile=pictures.profile()),
        "png palette": encoded(small.quantize(7), transparency=3),
        "png 16": encoded(Image.frombytes("I;16", (40, 30), bytes(40 * 30 * 2))),
        "png alpha": encoded(noise((40, 30), "RGBA"), optimize=True),
        "png gray": encoded(gray.convert("LA")),
        "apng": pictures.animation("PNG"),
        "jpeg": encoded(small, "JPEG", exif=exif(5), icc_profile=pictures.profile(), comment=b"x" * 50),
        "jpeg progressive": encoded(small, "JPEG", progressive=True, restart_marker_rows=1),
        "jpeg cmyk": encoded(small.convert("CMYK"), "JPEG"),
        "mpo": encoded(small, "MPO", save_all=True, append_images=[plain((32, 32), "blue")]),
        "webp": encoded(small, "WEBP", exif=exif(3)),
        "webp lossless": encoded(noise((40, 30), "RGBA"), "WEBP", lossless=True),
        "webp animated": pictures.animation("WEBP"),
        "gif": encoded(small, "GIF"),
        "bmp": encoded(small, "BMP"),
        "tiff": encoded(small, "TIFF"),
    }


WHOLE = _whole()
whole = st.sampled_from(sorted(WHOLE)).map(WHOLE.__getitem__)
sizes = st.sampled_from([16, 17, 40, 63, 64]) | st.sampled_from(
    [0, 1, 15, 2_049, 8_192, 8_193, 65_535, 2**31 - 1, 2**31, 2**32 - 1]
)


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """A whole file with bytes overwritten, taken out, said again, and its end cut off or another's put behind."""
    data = bytearray(draw(whole))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        some = draw(st.binary(max_size=8) | st.sampled_from([b"\xff" * 4, b"\0" * 8, b"\x7f\xff\xff\xff"]))
        match draw(st.sampled_from(["over", "out", "again", "cut", "behind"])):
            case "over":
                data[at : at + len(some)] = some
            case "out":
                del data[at : at + draw(st.integers(1, 64))]
            case "again":
                data[at:at] = data[max(0, at - 200) : at]
            case "cut":
                del data[at:]
            case "behind":
                data += draw(whole)[at:]
    return bytes(data)


@st.composite
def png(draw: st.DrawFn) -> bytes:
    """A PNG of any header and any chunks, some with a wrong checksum or length."""
    depth, color = draw(st.sampled_from([0, 1, 2, 4, 8, 16, 255])), draw(st.sampled_from([0, 2, 3, 4, 6, 255]))
    width, height = draw(sizes), draw(sizes)
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, draw(st.sampled_from([0, 1, 7])))
    pixels = zlib.compress(bytes(min(64 * 65 * 8, max(0, (width * 8 + 1) * height) % 100_000)))
    kinds = [
        b"PLTE",
        b"tRNS",
        b"eXIf",
        b"iCCP",
        b"tEXt",
        b"zTXt",
        b"iTXt",
        b"acTL",
        b"fcTL",
        b"fdAT",
        b"gAMA",
        b"pHYs",
        b"oops",
    ]
    parts = [chunk(b"IHDR", header)]
    for _ in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(kinds))
        body = draw(st.binary(max_size=80) | st.sampled_from([SWOLLEN, b"Exif\0\0II*\0\xff\xff"]))
        parts.append(chunk(kind, body))
    parts += [chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    parts = draw(st.permutations(parts[1:])) if draw(st.booleans()) else parts[1:]
    data = bytearray(PNG + chunk(b"IHDR", header) + b"".join(parts))
    if draw(st.booleans()):
        data[draw(st.integers(8, len(data) - 1))] ^= 1 << draw(st.integers(0, 7))
    return bytes(data)


@st.composite
def jpeg(draw: st.DrawFn) -> bytes:
    """A JPEG whose segments are anyone's: any markers, EXIF of any bytes, a frame that claims any size."""
    parts = [JPEG]
    for _ in range(draw(st.integers(0, 4))):
        marker = draw(st.sampled_from([0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE, 0xDB, 0xC4, 0xDD, 0xC0, 0xC2, 0xDA, 0xD9]))
        start = draw(
            st.sampled_from(
                [b"", b"JFIF\0", b"Exif\0\0II*\0\x08\0\0\0", b"Exif\0\0MM\0*", b"ICC_PROFILE\0", b"MPF\0II*\0"]
            )
        )
        body = start + draw(st.binary(max_size=60))
        length = draw(st.just(len(body) + 2) | st.sampled_from([0, 1, 2, 65_535]))
        parts.append(struct.pack(">BBH", 0xFF, marker, length) + body)
    data = bytearray(b"".join(parts) + draw(st.sampled_from([WHOLE["jpeg"][2:], WHOLE["mpo"][2:], b"", b"\xff\xd9"])))
    frame = data.find(b"\xff\xc0")
    if frame >= 0 and draw(st.booleans()) and frame + 9 <= len(data):
        struct.pack_into(">HH", data, frame + 5, draw(sizes) & 0xFFFF, draw(sizes) & 0xFFFF)
    return bytes(data)


@st.composite
def riff(draw: st.DrawFn) -> bytes:
    """A WebP of any chunks."""
    parts = []
    for _ in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from([b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"EXIF", b"ICCP", b"XMP "]))
        body = draw(st.binary(max_size=60))
        parts.append(kind + struct.pack("<I", draw(st.just(len(body)) | sizes)) + body + b"\0" * (len(body) % 2))
    body = b"WEBP" + b"".join(parts) + draw(st.sampled_from([b"", WHOLE["webp"][12:], WHOLE["webp lossless"][12:]]))
    return b"RIFF" + struct.pack("<I", draw(st.just(len(body)) | sizes)) + body


anything = st.one_of(changed(), png(), jpeg(), riff(), st.binary(max_size=300))
BOMBS = {
    "pixels": pictures.zlib_bomb(),
    "text": pictures.text_bomb(),
    "claim": pictures.png_claiming(60_000, 60_000),
    "most": pictures.png_claiming(8_000, 5_000),
    "webp": pictures.webp_claiming(16_383, 16_383),
}
