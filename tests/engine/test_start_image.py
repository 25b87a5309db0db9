"""Start images: files of every kind become pictures, or one sentence; and they are fitted without distortion."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from engine.api.errors import BadRequest
from engine.api.messages import ImageRequest, Lack, StartImage
from engine.painting.start_image import fit, read_picture
from tests.engine.fakes import FAKE_SPEC
from tests.engine.pictures import drawing, file, window

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255)


def near(pixel: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - two) < 30 for one, two in zip(pixel, wanted, strict=True))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_each_kind_of_file_is_read(kind: str) -> None:
    picture = read_picture(file(drawing(), kind))
    assert (picture.mode, picture.size) == ("RGB", (64, 64))
    assert near(picture.getpixel((4, 4)), RED)
    assert near(picture.getpixel((60, 60)), BLUE)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_each_mode_is_read(mode: str) -> None:
    gray = Image.new("L", (8, 8), 200)
    image = Image.new("I;16", (8, 8), 200 << 8) if mode == "I;16" else gray.convert(mode)
    shade = read_picture(file(image)).getpixel((3, 3))
    assert near(shade, WHITE if mode == "1" else (200, 200, 200))


def test_a_print_s_four_colours_are_read() -> None:
    assert near(read_picture(file(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG")).getpixel((3, 3)), RED)


def test_what_is_transparent_lies_on_white() -> None:
    assert read_picture(file(Image.new("RGBA", (8, 8), (255, 0, 0, 0)))).getpixel((3, 3)) == WHITE


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_turned_photo_stands_upright(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the file's left is the picture's bottom
    turned = drawing((96, 64)).transpose(Image.Transpose.ROTATE_90)
    picture = read_picture(file(turned, kind, exif=exif))
    assert picture.size == (96, 64)
    assert near(picture.getpixel((4, 4)), RED)
    assert not picture.getexif()


def test_a_large_jpeg_may_come_smaller() -> None:
    picture = read_picture(file(drawing((2000, 1000)), "JPEG"), shrink_to=200)
    assert picture.width < 1000
    assert picture.width == 2 * picture.height >= 400


def animated(kind: str) -> bytes:
    return file(drawing(), kind, save_all=True, append_images=[Image.new("RGB", (64, 64))])


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that promises this many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "image: must be a picture, as a PNG, JPEG or WebP file."),
        (b"<svg/>", "image: must be a picture"),
        (file(drawing(), "GIF"), "image: must be a picture"),
        (file(drawing(), "TIFF"), "image: must be a picture"),
        (animated("PNG"), "image: is animated; send a picture that stands still."),
        (animated("WEBP"), "image: is animated"),
        (bomb(9000, 9000), "image: has more than 64 megapixels."),
        (bomb(60000, 60000), "image: has more than 64 megapixels."),
        (bomb(2000, 2000), "image: is damaged or cut short."),
        (file(drawing((300, 300)), "JPEG")[:-400], "image: is damaged or cut short."),
        (file(drawing())[:60], "image: is damaged or cut short."),
    ],
)
def test_a_bad_file_gets_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read_picture(data)
    assert str(caught.value).startswith(sentence)
    assert caught.value.param == "image"


def test_fitting_cuts_the_middle_out_and_never_distorts() -> None:
    wide = Image.new("RGB", (300, 100), "red")
    wide.paste("blue", (100, 0, 200, 100))
    fitted = fit(wide, (64, 64))
    assert fitted.size == (64, 64)
    assert {fitted.getpixel(spot) for spot in ((8, 8), (32, 32), (55, 55))} == {BLUE}


def plan(image: Image.Image, **options: Any) -> tuple[str, int, int]:
    given = {name: value for name, value in options.items() if name != "strength"}
    start = StartImage(file(image), options.get("strength"))
    work = SHAPED.plan(ImageRequest("x", **given), 1, start)
    assert work.start is not None
    assert work.start.picture.size == (work.width, work.height)
    return work.size, work.steps, work.run_steps


SHAPED = type(FAKE_SPEC)(
    "shaped", {"square": "64x64", "wide": "80x48", "tall": "48x80"}, 8, 16, 128, steps=10, guidance=None
)


@pytest.mark.parametrize(
    ("size", "wanted"), [((500, 500), "64x64"), ((1920, 1080), "80x48"), ((600, 900), "48x80"), ((90, 4000), "48x80")]
)
def test_without_a_size_the_nearest_shape_is_taken(size: tuple[int, int], wanted: str) -> None:
    assert plan(drawing(size))[0] == wanted
    assert plan(drawing(size), size="auto")[0] == wanted
    assert plan(drawing(size), size="16x128")[0] == "16x128"


@pytest.mark.parametrize(
    ("strength", "steps", "run"), [(None, None, 6), (0.01, None, 1), (0.3, 7, 2), (1.0, None, 10), (0.99, 150, 148)]
)
def test_strength_is_the_share_of_the_steps_that_run(strength: float | None, steps: int | None, run: int) -> None:
    assert plan(drawing(), strength=strength, num_inference_steps=steps)[1:] == (steps or 10, run)


def test_above_its_own_size_a_painter_of_one_size_is_eased() -> None:
    start = StartImage(file(drawing()), 0.4)
    for one_size, size, run in ((False, "128x128", 8), (True, "64x64", 8), (True, "128x128", 2), (True, "32x32", 8)):
        spec = replace(SHAPED, one_size=one_size, steps=20)
        assert spec.plan(ImageRequest("x", size=size), 1, start).run_steps == run


@pytest.mark.parametrize("lack", ["start", "mask"])
def test_a_model_that_cannot_says_so(lack: Lack) -> None:
    spec = replace(SHAPED, lacks=(lack,))
    start = StartImage(file(drawing()), mask=window())
    with pytest.raises(BadRequest, match=r"shaped (paints from words alone|cannot paint a part alone)"):
        spec.plan(ImageRequest("x"), 1, start)


def test_nothing_but_the_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "the secret place"
    picture = read_picture(file(drawing(), "JPEG", exif=exif, comment=b"secret"))
    again = io.BytesIO()
    picture.save(again, "PNG")
    assert b"secret" not in again.getvalue()
