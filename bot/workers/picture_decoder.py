"""The child process that decodes foreign pictures: bytes in on stdin, a picture out on stdout, or one word on stderr.

`picture_process` executes it and nothing of the bot imports it: whatever a hostile file does to the decoder, it does
to a process with little memory, little time and no secrets, in a `jail`. A refusal is exit status REFUSED and its
reason on stderr. One file, since it is executed by its path and finds no other of the bot's but the jail.
"""

from __future__ import annotations

import os
import resource
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO

from PIL import Image, ImageCms, PngImagePlugin, UnidentifiedImageError

from bot.workers import jail

REFUSED = 3
FORMATS = ("PNG", "JPEG", "WEBP")
MAX_SIDE = 8_192
MAX_PIXELS = 40_000_000
MIN_SIDE = 16
CLEAN_SIDE = 2_048

CLEAN_BYTES = 500_000
LOSSLESS_PIXELS = 1_100_000
"""Packing more without loss takes seconds, and seldom comes below CLEAN_BYTES."""
WEBP_METHOD = 2
"""Of 0 (fast) to 6 (small)."""

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
    return _guarded(lambda: _clean(data))


def fit(data: bytes, limit: int) -> bytes:
    """Return the picture in at most `limit` bytes: as a PNG without loss, else as a JPEG, losing as little as it can.

    A PNG keeps its texts, a JPEG the `parameters` among them as EXIF UserComment. Raises Refused.
    """
    return _guarded(lambda: _fit(data, limit))


def convert(data: bytes, kind: str) -> bytes:
    """Return the picture as a file of this kind: png, jpg or webp, with the `parameters` of a PNG. Raises Refused."""
    return _guarded(lambda: _convert(data, kind))


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


def _clean(data: bytes) -> bytes:
    image = _open(data)
    # A phone's JPEG may hold a second, smaller picture (MPO), which is no animation.
    if image.format in ("PNG", "WEBP") and getattr(image, "n_frames", 1) > 1:
        raise Refused("animated")
    shrink = min(1.0, CLEAN_SIDE / max(image.size))
    if min(image.size) * shrink < MIN_SIDE:
        raise Refused("small")
    image.draft("RGB", (CLEAN_SIDE, CLEAN_SIDE))
    image.load()
    orientation, profile = _orientation(image), image.info.get("icc_profile")
    image = _eight_bit(image)
    image.thumbnail((CLEAN_SIDE, CLEAN_SIDE), Image.Resampling.LANCZOS)
    image = _srgb(image, profile)
    if orientation in UPRIGHT:
        image = image.transpose(UPRIGHT[orientation])
    return _kept(_on_white(image))


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


def _kept(image: Image.Image) -> bytes:
    """Return a WebP of at most CLEAN_BYTES: without loss, else losing little, else smaller."""
    packed = _webp(image, 100, lossless=True) if image.width * image.height <= LOSSLESS_PIXELS else b""
    if packed and len(packed) <= CLEAN_BYTES:
        return packed
    for quality in QUALITIES:
        packed = _webp(image, quality)
        if len(packed) <= CLEAN_BYTES:
            return packed
        if len(packed) > 3 * CLEAN_BYTES:
            break
    while True:
        shrink = min(SHRINK, (CLEAN_BYTES / len(packed)) ** 0.5)
        width, height = round(image.width * shrink), round(image.height * shrink)
        if min(width, height) < MIN_SIDE:
            raise Refused("large")
        image = image.resize((width, height), Image.Resampling.LANCZOS)
        packed = _webp(image, QUALITIES[-1])
        if len(packed) <= CLEAN_BYTES:
            return packed


def _orientation(image: Image.Image) -> int:
    """Return EXIF's orientation; damaged EXIF does not spoil a picture."""
    try:
        value = image.getexif().get(ORIENTATION, 1)
    except Exception:
        return 1
    return value if isinstance(value, int) else 1


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


def _webp(image: Image.Image, quality: int, lossless: bool = False, exif: bytes = b"") -> bytes:
    out = BytesIO()
    image.save(out, "WEBP", quality=20 if lossless else quality, lossless=lossless, method=WEBP_METHOD, exif=exif)
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


def main(arguments: list[str]) -> int:
    """`clean`, `fit LIMIT` or `convert KIND`. Returns the exit status."""
    _limit()
    warnings.simplefilter("ignore")
    _warm_up()
    jail.enter(jail.python_folders())
    data = sys.stdin.buffer.read()
    try:
        match arguments:
            case ["clean"]:
                result = clean(data)
            case ["convert", kind]:
                result = convert(data, kind)
            case [_, limit]:
                result = fit(data, int(limit))
    except Refused as refusal:
        print(refusal.reason, refusal.detail, file=sys.stderr)
        return REFUSED
    sys.stdout.buffer.write(result)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
