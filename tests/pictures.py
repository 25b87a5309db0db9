"""Pictures for tests, real ones and damaged ones, each as the bytes of a file."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageDraw

GPS, ORIENTATION = 0x8825, 0x0112


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def decoded(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def plain(size: tuple[int, int] = (64, 48), color: str = "red", mode: str = "RGB") -> Image.Image:
    return Image.new(mode, size, color)


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    bands = Image.new(mode, (1, 1)).getbands()
    return Image.frombytes(mode, size, random.Random(7).randbytes(size[0] * size[1] * len(bands)))


def corner(size: tuple[int, int] = (64, 32)) -> Image.Image:
    """White, with the upper left quarter red, so that every turn shows."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2 - 1, size[1] // 2 - 1), fill="red")
    return image


def exif(orientation: int = 1) -> Image.Exif:
    found = Image.Exif()
    found[ORIENTATION] = orientation
    found[0x010F] = "SECRET-CAMERA"
    found.get_ifd(GPS)[1] = "N"
    found.get_ifd(GPS)[2] = (48.0, 8.0, 14.0)
    return found


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_claiming(width: int, height: int, body: bytes = b"\0" * 64) -> bytes:
    """A PNG whose header claims a size that its pixels do not have."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def zlib_bomb() -> bytes:
    """A small PNG whose pixels unpack to 200 MB."""
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(200)) + packer.flush()
    header = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A small PNG with a text that unpacks to 50 MB."""
    body = b"Comment\0\0" + zlib.compress(b"A" * 50_000_000, 9)
    good = encoded(plain())
    return good[:33] + chunk(b"zTXt", body) + good[33:]


def webp_claiming(width: int, height: int) -> bytes:
    """A lossless WebP whose header claims another size."""
    data = bytearray(encoded(plain(), "WEBP", lossless=True))
    at = data.index(b"VP8L") + 9
    (bits,) = struct.unpack_from("<I", data, at)
    struct.pack_into("<I", data, at, bits & 0xF0000000 | width - 1 | (height - 1) << 14)
    return bytes(data)


def animation(kind: str) -> bytes:
    frames = [plain(color=color) for color in ("red", "blue", "green")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
