"""The child process that decodes foreign pictures: bytes in on stdin, a picture out on stdout, or one word on stderr.

`picture_process` executes it and nothing of the bot imports it: whatever a hostile file does to the decoder, it does
to a process with little memory, little time and no secrets, in a `jail`. A refusal is exit status REFUSED and its
reason on stderr. One file of more than 300 lines, since it is executed by its path and finds no other of the bot's but
the jail.
"""

from __future__ import annotations

import os
import resource
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import reduce
from io import BytesIO

from PIL import Image, ImageChops, ImageCms, ImageDraw, ImageFilter, ImageFont, PngImagePlugin, UnidentifiedImageError

from bot.workers import jail

REFUSED = 3
FORMATS = ("PNG", "JPEG", "WEBP")
MAX_SIDE = 8_192
MAX_PIXELS = 40_000_000
MIN_SIDE = 16
CLEAN_SIDE = 2_048

CLEAN_BYTES = 500_000
KEPT_SIDE = 3_072
"""Of a picture that is kept without loss: half of the largest side of an enlarged one."""
LOSSLESS_PIXELS = 1_100_000
"""Packing more without loss takes seconds, and seldom comes below CLEAN_BYTES."""
WEBP_METHOD = 2
"""Of 0 (fast) to 6 (small)."""
LOSSLESS_EFFORT = 20
"""What Pillow calls quality, where nothing is lost: from 0 (fast) to 100 (small)."""

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 20
NICE = 5

QUALITIES = (95, 90, 85, 80, 75)
"""JPEG and WebP qualities tried before the picture is made smaller."""
SHRINK = 0.85
"""Of each side, again and again."""
LOSSLESS_GAIN = 1.5
"""No PNG this many times over the limit is worth the seconds of packing it anew."""
MAX_EXIF_BYTES = 60_000
"""A JPEG segment ends at 65,533 bytes."""
EXIF_IFD, ORIENTATION, USER_COMMENT = 0x8769, 0x0112, 0x9286
PARAMETERS = "parameters"
"""The PNG text under which AUTOMATIC1111 and its kin keep prompt and settings."""

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each value of EXIF's orientation (CIPA DC-008, 4.6.4)."""


CELLS = 3
"""The cells of a picture a side, of which someone chooses what is to be painted anew."""
GRID_SIDE, NUMBER_SIDE = 768, 24
"""Pixels at most of a picture that is shown for that, and of the cells' numbers on it."""
BLUR, EDGE = 32, 20
"""Parts of the shorter side: how far the colours around a smaller picture run together, and how much of its edge is
painted anew with them, so that no line shows where it ended."""
NEARLY, BLACK_AND_WHITE = 48, 0.95
"""How many levels count as black, and as white, as a JPEG may have them; and the share of a mask's pixels that has to
be one of the two, since edges are soft. No photo comes near."""


class Refused(Exception):
    """The picture cannot be taken; `reason` is one of PICTURE_REASONS in `bot.services.ports.pictures`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


def clean(data: bytes) -> bytes:
    """Return the picture as an upright, opaque RGB WebP of at most 500 kB and 2,048 pixels on a side; metadata goes.

    Without loss where that is small enough.

    Takes one PNG, JPEG or WebP, whatever its name says. Raises Refused.
    """
    return _guarded(lambda: _kept(_upright(data, CLEAN_SIDE)))


def keep(data: bytes, most: int) -> bytes:
    """Return the same of at most `most` bytes and 3,072 pixels on a side, always without loss. Raises Refused.

    Pixel for pixel, unless the picture is larger than that: then it is made smaller.
    """
    return _guarded(lambda: _lossless(_upright(data, KEPT_SIDE), most))


def fit(data: bytes, limit: int) -> bytes:
    """Return the picture in at most `limit` bytes: as a PNG without loss, else as a JPEG, losing as little as it can.

    A PNG keeps its texts, a JPEG the `parameters` among them as EXIF UserComment. Raises Refused.
    """
    return _guarded(lambda: _fit(data, limit))


def convert(data: bytes, kind: str) -> bytes:
    """Return the picture as a file of this kind: png, jpg or webp, with the `parameters` of a PNG. Raises Refused."""
    return _guarded(lambda: _convert(data, kind))


def mask(data: bytes, given: bytes) -> bytes:
    """Return a foreign mask as a PNG of the picture's size, transparent where it was or, where all of it is opaque,
    where it was white on black. Raises Refused.

    It must have the picture's proportions, and mark some of it and not all.
    """
    return _guarded(lambda: _mask(data, given))


def grid(data: bytes) -> bytes:
    """Return the picture, smaller where it is large, as a WebP with nine numbered cells on it. Raises Refused."""
    return _guarded(lambda: _grid(data))


def cells(data: bytes, chosen: int) -> bytes:
    """Return a mask for the picture, a PNG: transparent in the cells whose bits are set, from 1 at the upper left to
    256 at the lower right. Raises Refused.
    """
    return _guarded(lambda: _cells(data, chosen))


def surround(data: bytes, width: int, height: int, share: int) -> bytes:
    """Return a mask and a picture of this size, each behind its length in eight bytes: in the middle the picture, which
    fills `share` thousandths of what it could, around it the colours of its edges, which the mask is for.

    Raises Refused.
    """
    return _guarded(lambda: _surround(data, (width, height), share / 1_000))


def _guarded(operation: Callable[[], bytes]) -> bytes:
    """A decoder meets what nobody thought of, so whatever it raises is the file's fault."""
    try:
        return operation()
    except Refused:
        raise
    except (MemoryError, Image.DecompressionBombError) as error:
        raise Refused("large", repr(error)) from error
    except Exception as error:
        raise Refused("broken", repr(error)) from error


def _open(data: bytes) -> Image.Image:
    """Read the header alone, and judge it."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        image = Image.open(BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        known = data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (data[:4], data[8:12]) == (b"RIFF", b"WEBP")
        raise Refused("broken" if known else "type") from error
    if max(image.size) > MAX_SIDE or image.width * image.height > MAX_PIXELS:
        raise Refused("large")
    return image


def _upright(data: bytes, side: int) -> Image.Image:
    """Return the picture as people see it, in RGB and with no longer side than this."""
    image = _open(data)
    # A phone's JPEG may hold a second, smaller picture (MPO), which is no animation.
    if image.format in ("PNG", "WEBP") and getattr(image, "n_frames", 1) > 1:
        raise Refused("animated")
    shrink = min(1.0, side / max(image.size))
    if min(image.size) * shrink < MIN_SIDE:
        raise Refused("small")
    image.draft("RGB", (side, side))
    image.load()
    orientation, profile = _orientation(image), image.info.get("icc_profile")
    image = _eight_bit(image)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    image = _srgb(image, profile)
    return _on_white(_turned(image, orientation))


def _fit(data: bytes, limit: int) -> bytes:
    image = _open(data)
    image.load()
    texts = getattr(image, "text", {})
    if image.format == "PNG" and len(data) <= limit * LOSSLESS_GAIN:
        packed = _png(image, texts, optimize=True)
        if len(packed) <= limit:
            return packed
    exif = _exif(texts.get(PARAMETERS, ""), min(MAX_EXIF_BYTES, limit // 8))
    image = _on_white(_eight_bit(image))
    for quality in QUALITIES:
        packed = _jpeg(image, quality, exif)
        if len(packed) <= limit:
            return packed
    width, height = image.size
    while min(width, height) * SHRINK >= MIN_SIDE:
        width, height = round(width * SHRINK), round(height * SHRINK)
        packed = _jpeg(image.resize((width, height), Image.Resampling.LANCZOS), QUALITIES[-1], exif)
        if len(packed) <= limit:
            return packed
    raise Refused("large")


def _convert(data: bytes, kind: str) -> bytes:
    image = _open(data)
    image.load()
    parameters = getattr(image, "text", {}).get(PARAMETERS, "")
    image, exif = _on_white(_eight_bit(image)), _exif(parameters, MAX_EXIF_BYTES)
    if kind == "png":
        return _png(image)
    return _jpeg(image, QUALITIES[0], exif) if kind == "jpg" else _webp(image, QUALITIES[0], exif=exif)


def _mask(data: bytes, given: bytes) -> bytes:
    picture, found = _open(data), _open(given)
    width, height = picture.size
    if found.format in ("PNG", "WEBP") and getattr(found, "n_frames", 1) > 1:
        raise Refused("animated")
    found.load()
    found = _turned(_eight_bit(found), _orientation(found))
    # The picture may have been made smaller, so the proportions are all that can be asked of the mask.
    if min(abs(found.width * height / width - found.height), abs(found.height * width / height - found.width)) > 1:
        raise Refused("mask-shape", f"{found.width}x{found.height} {width}x{height}")
    return _hole(_opacity(found).resize((width, height), Image.Resampling.NEAREST))


def _opacity(mask: Image.Image) -> Image.Image:
    """Return what of a mask stays: its alpha channel; of an opaque one that is white on black, what is black."""
    alpha = mask.convert("RGBA").getchannel("A")
    bands = mask.convert("RGB").split()
    lightest, darkest = (reduce(by, bands) for by in (ImageChops.lighter, ImageChops.darker))
    plain = sum(lightest.histogram()[:NEARLY]) + sum(darkest.histogram()[-NEARLY:])
    if alpha.getextrema() != (255, 255) or plain < BLACK_AND_WHITE * mask.width * mask.height:
        return alpha
    return darkest.point(lambda level: 0 if level > 127 else 255)


def _cells(data: bytes, chosen: int) -> bytes:
    picture = _open(data)
    alpha = Image.new("L", picture.size, 255)
    for cell in range(CELLS * CELLS):
        if chosen >> cell & 1:
            alpha.paste(0, _cell(picture.size, cell))
    return _hole(alpha)


def _cell(size: tuple[int, int], cell: int) -> tuple[int, int, int, int]:
    """Return a cell's box in pixels; they lie row by row, and leave nothing between them."""
    row, column = divmod(cell, CELLS)
    xs, ys = ([side * at // CELLS for at in range(CELLS + 1)] for side in size)
    return xs[column], ys[row], xs[column + 1], ys[row + 1]


def _hole(alpha: Image.Image) -> bytes:
    """Return a black PNG of this transparency. Raises Refused where all of it is transparent, or nothing."""
    least, most = alpha.getextrema()
    if least == 255:
        raise Refused("mask-empty")
    if most == 0:
        raise Refused("mask-whole")
    return _png(Image.merge("LA", (Image.new("L", alpha.size), alpha)))


def _grid(data: bytes) -> bytes:
    picture = _on_white(_eight_bit(_open(data)))
    picture.thumbnail((GRID_SIDE, GRID_SIDE), Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(picture)
    for line in range(1, CELLS):
        x, y = picture.width * line // CELLS, picture.height * line // CELLS
        for colour, at in (("black", -1), ("white", 0)):  # one of which is seen on any picture
            draw.line((x + at, 0, x + at, picture.height), colour)
            draw.line((0, y + at, picture.width, y + at), colour)
    font = ImageFont.load_default(NUMBER_SIDE)
    for cell in range(CELLS * CELLS):
        left, top, *_ = _cell(picture.size, cell)
        draw.text((left + 6, top + 2), str(cell + 1), "white", font, stroke_width=2, stroke_fill="black")
    return _webp(picture, QUALITIES[0])


def _surround(data: bytes, size: tuple[int, int], share: float) -> bytes:
    picture = _on_white(_eight_bit(_open(data)))
    scale = min(size[0] / picture.width, size[1] / picture.height) * share
    inner = picture.resize(
        (min(size[0], round(picture.width * scale)), min(size[1], round(picture.height * scale))),
        Image.Resampling.LANCZOS,
    )
    left, top = (size[0] - inner.width) // 2, (size[1] - inner.height) // 2
    right, bottom = left + inner.width, top + inner.height
    canvas = Image.new("RGB", size)
    canvas.paste(inner, (left, top))
    for strip, to in (
        ((left, top, left + 1, bottom), (0, top, left, bottom)),
        ((right - 1, top, right, bottom), (right, top, size[0], bottom)),
        ((0, top, size[0], top + 1), (0, 0, size[0], top)),
        ((0, bottom - 1, size[0], bottom), (0, bottom, size[0], size[1])),
    ):  # the sides first, so that the upper and lower edges reach from corner to corner
        if to[2] > to[0] and to[3] > to[1]:
            canvas.paste(canvas.crop(strip).resize((to[2] - to[0], to[3] - to[1])), to[:2])
    canvas = canvas.filter(ImageFilter.GaussianBlur(min(size) / BLUR))
    canvas.paste(inner, (left, top))
    edge = min(size) // EDGE
    kept = (left + edge * (left > 0), top + edge * (top > 0), right - edge * (right < size[0]),
            bottom - edge * (bottom < size[1]))  # fmt: skip
    alpha = Image.new("L", size, 0)
    alpha.paste(255, kept)
    return b"".join(len(file).to_bytes(8, "big") + file for file in (_hole(alpha), _webp(canvas, lossless=True)))


def _kept(image: Image.Image) -> bytes:
    """Return a WebP of at most CLEAN_BYTES: without loss, else losing little, else smaller."""
    packed = _webp(image, lossless=True) if image.width * image.height <= LOSSLESS_PIXELS else b""
    if packed and len(packed) <= CLEAN_BYTES:
        return packed
    for quality in QUALITIES:
        packed = _webp(image, quality)
        if len(packed) <= CLEAN_BYTES:
            return packed
        if len(packed) > 3 * CLEAN_BYTES:
            break
    while len(packed) > CLEAN_BYTES:
        image = _smaller(image, CLEAN_BYTES / len(packed))
        packed = _webp(image, QUALITIES[-1])
    return packed


def _lossless(image: Image.Image, most: int) -> bytes:
    """Return a WebP of at most so many bytes, without loss; a picture that takes more is made smaller."""
    if image.width * image.height > most:  # only a drawing would fit, and to pack all takes long
        image = _smaller(image, most / (image.width * image.height))
    packed = _webp(image, lossless=True)
    while len(packed) > most:
        image = _smaller(image, most / len(packed))
        packed = _webp(image, lossless=True)
    return packed


def _smaller(image: Image.Image, share: float) -> Image.Image:
    """Return the picture with about this share of its pixels, and a good deal fewer in any case. Raises Refused."""
    shrink = min(SHRINK, share**0.5)
    width, height = round(image.width * shrink), round(image.height * shrink)
    if min(width, height) < MIN_SIDE:
        raise Refused("large")
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _orientation(image: Image.Image) -> int:
    """Return EXIF's orientation; damaged EXIF does not spoil a picture."""
    try:
        value = image.getexif().get(ORIENTATION, 1)
    except Exception:
        return 1
    return value if isinstance(value, int) else 1


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else image


def _eight_bit(image: Image.Image) -> Image.Image:
    """Return the picture as RGB, RGBA or CMYK."""
    if image.mode.startswith("I"):  # 16 bits of gray
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L").convert("RGB")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode == "CMYK" else image.convert("RGB")


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the colors as a screen shows them; a profile that is damaged or of another kind is left out."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
            if converted is not None:
                return converted
    return image.convert(mode)


def _on_white(image: Image.Image) -> Image.Image:
    """Return the picture on a new white canvas, which holds no metadata."""
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image.convert("RGB"), mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return canvas


def _png(image: Image.Image, texts: dict[str, str] | None = None, optimize: bool = False) -> bytes:
    info = PngImagePlugin.PngInfo()
    for key, text in (texts or {}).items():
        if text.isascii():
            info.add_text(key, text)
        else:
            info.add_itxt(key, text)
    out = BytesIO()
    image.save(out, "PNG", pnginfo=info, optimize=optimize)
    return out.getvalue()


def _webp(image: Image.Image, quality: int = LOSSLESS_EFFORT, lossless: bool = False, exif: bytes = b"") -> bytes:
    out = BytesIO()
    image.save(out, "WEBP", quality=quality, lossless=lossless, method=WEBP_METHOD, exif=exif)
    return out.getvalue()


def _jpeg(image: Image.Image, quality: int, exif: bytes) -> bytes:
    out = BytesIO()
    # Not optimize=True: Pillow gives that a buffer which noise overflows.
    image.save(out, "JPEG", quality=quality, subsampling=0 if quality >= 90 else 2, exif=exif)
    return out.getvalue()


def _exif(parameters: str, most: int) -> bytes:
    """Return EXIF with the text as UserComment, cut to `most` bytes, in UTF-16 as its readers expect it."""
    if not parameters:
        return b""
    comment = parameters.encode("utf-16-be", "replace")[: most // 2 * 2].decode("utf-16-be", "ignore")
    exif = Image.Exif()
    exif.get_ifd(EXIF_IFD)[USER_COMMENT] = b"UNICODE\0" + comment.encode("utf-16-be")
    return exif.tobytes()


def _limit() -> None:
    """Bound memory and time, and forbid what is written to files. A platform that lacks a limit has the others."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
    with suppress(OSError):
        os.nice(NICE)


def _warm_up() -> None:
    """Use each format once, so that Pillow has imported what it needs of it while files can still be read."""
    white = Image.new("RGB", (MIN_SIDE, MIN_SIDE), "white")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt(PARAMETERS, "\u6c99")
    for kind in FORMATS:
        out = BytesIO()
        white.save(out, kind, icc_profile=profile, exif=_exif("\u6c99", MAX_EXIF_BYTES), pnginfo=texts)
        clean(out.getvalue())
        with suppress(Refused):
            fit(out.getvalue(), 1)
        grid(out.getvalue())
        cells(out.getvalue(), 1)


def run(data: bytes, arguments: list[str]) -> bytes:
    """Do `clean`, `keep LIMIT`, `fit LIMIT`, `convert KIND`, `mask LENGTH` (of the picture, behind which the mask
    comes), `grid`, `cells CHOSEN` or `surround WIDTH HEIGHT SHARE`. Raises Refused.
    """
    match arguments:
        case ["clean"]:
            return clean(data)
        case ["keep", limit]:
            return keep(data, int(limit))
        case ["mask", length]:
            return mask(data[: int(length)], data[int(length) :])
        case ["grid"]:
            return grid(data)
        case ["cells", chosen]:
            return cells(data, int(chosen))
        case ["surround", width, height, share]:
            return surround(data, int(width), int(height), int(share))
        case ["convert", kind]:
            return convert(data, kind)
        case _:
            return fit(data, int(arguments[-1]))


def main(arguments: list[str]) -> int:
    """Do what `run` does to what stands on stdin. Returns the exit status."""
    _limit()
    warnings.simplefilter("ignore")
    _warm_up()
    jail.enter(jail.python_folders())
    try:
        result = run(sys.stdin.buffer.read(), arguments)
    except Refused as refusal:
        print(refusal.reason, refusal.detail, file=sys.stderr)
        return REFUSED
    sys.stdout.buffer.write(result)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
