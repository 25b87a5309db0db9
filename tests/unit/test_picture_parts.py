"""The child process cuts pictures into cells, reads masks, and puts a picture in the middle of a larger one."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops, ImageFilter

from bot.services.ports.pictures import PictureInvalid
from bot.workers import picture_decoder as decoder
from bot.workers.picture_process import PictureProcess
from tests import pictures
from tests.pictures import decoded, encoded, noise, plain


def holes(mask: bytes) -> Image.Image:
    """Return white where the mask is transparent."""
    return ImageChops.invert(decoded(mask).convert("RGBA").getchannel("A"))


@pytest.mark.parametrize("size", [(64, 48), (100, 31), (301, 500)])
def test_the_cells_cover_the_picture_and_none_covers_another(size: tuple[int, int]) -> None:
    given = encoded(plain(size))
    cells = [holes(decoder.cells(given, 1 << cell)) for cell in range(9)]
    assert {cell.size for cell in cells} == {size}
    assert sum(sum(1 for level in cell.tobytes() if level) for cell in cells) == size[0] * size[1]
    together = holes(decoder.cells(given, 0b000_110_001))
    apart = ImageChops.lighter(ImageChops.lighter(cells[0], cells[4]), cells[5])
    assert together.tobytes() == apart.tobytes()
    assert (cells[0].getpixel((0, 0)), cells[2].getpixel((size[0] - 1, 0))) == (255, 255)
    assert cells[6].getpixel((0, size[1] - 1)) == 255, "row by row, from the upper left"


@pytest.mark.parametrize(("chosen", "reason"), [(0, "mask-empty"), (511, "mask-whole")])
def test_nothing_and_all_of_a_picture_is_no_part(chosen: int, reason: str) -> None:
    with pytest.raises(decoder.Refused, match=reason):
        decoder.cells(encoded(plain()), chosen)


def test_the_grid_shows_on_any_picture_and_nothing_else_changes() -> None:
    for color in ("black", "white", "red"):
        shown = decoded(decoder.grid(encoded(plain((600, 300), color)))).convert("RGB")
        assert shown.size == (600, 300)
        assert len({shown.getpixel((x, 150)) for x in range(195, 206)}) > 1, "a line at a third"
        difference = ImageChops.difference(shown, Image.new("RGB", shown.size, color)).crop((260, 140, 340, 190))
        assert max(difference.tobytes()) < 12
    assert max(decoded(decoder.grid(encoded(noise((2_000, 1_000))))).size) == decoder.GRID_SIDE


@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        (Image.new("RGBA", (64, 64)), "mask-shape"),
        (Image.new("RGBA", (128, 96)), "mask-whole"),
        (Image.new("RGB", (64, 48)), "mask-empty"),
        (Image.new("RGB", (64, 48), "white"), "mask-whole"),
        (Image.new("RGB", (64, 48), "blue"), "mask-empty"),
        (noise((64, 48)), "mask-empty"),
        (noise((64, 48), "L"), "mask-empty"),
        (Image.new("RGBA", (64, 48), "black"), "mask-empty"),
    ],
)
def test_a_mask_that_is_none_is_refused(mask: Image.Image, reason: str) -> None:
    with pytest.raises(decoder.Refused, match=reason):
        decoder.mask(encoded(plain()), encoded(mask))


def white_on_black(mode: str = "RGB") -> Image.Image:
    mask = Image.new("RGB", (600, 480), "black")
    mask.paste("white", (0, 0, 200, 240))
    return mask.convert(mode)


TURNED = white_on_black().transpose(Image.Transpose.ROTATE_90)


@pytest.mark.parametrize(
    "mask",
    [
        *(pytest.param(encoded(white_on_black(mode)), id=mode) for mode in ("1", "L", "P", "RGB", "RGBA")),
        pytest.param(encoded(white_on_black(), "JPEG", quality=60), id="JPEG"),
        pytest.param(encoded(white_on_black().filter(ImageFilter.GaussianBlur(3))), id="soft"),
        pytest.param(encoded(TURNED, exif=pictures.exif(6)), id="turned"),
    ],
)
def test_an_opaque_mask_is_read_as_white_on_black(mask: bytes) -> None:
    hole = holes(decoder.mask(encoded(plain((600, 480))), mask))
    assert set(hole.tobytes()) == {0, 255}
    assert ImageChops.difference(hole, white_on_black("L")).filter(ImageFilter.MinFilter(7)).getbbox() is None


def test_what_is_transparent_counts_whatever_its_colours() -> None:
    mask = white_on_black("RGBA")
    mask.paste((0, 0, 0, 0), (300, 0, 600, 480))
    assert holes(decoder.mask(encoded(plain((600, 480))), encoded(mask))).getbbox() == (300, 0, 600, 480)


def test_a_mask_of_another_size_in_proportion_comes_at_the_picture_s() -> None:
    mask = Image.new("RGBA", (128, 96), "black")
    mask.paste((0, 0, 0, 0), (0, 0, 64, 96))
    read = holes(decoder.mask(encoded(plain((64, 48))), encoded(mask)))
    assert read.size == (64, 48)
    assert read.getbbox() == (0, 0, 32, 48)


@pytest.mark.parametrize(
    ("size", "share", "inner"),
    [
        ((120, 120), 2 / 3, (20, 20, 100, 100)),
        ((200, 120), 1.0, (40, 0, 160, 120)),
        ((80, 160), 1.0, (0, 40, 80, 120)),
    ],
)
async def test_a_picture_stays_in_the_middle_and_its_edges_run_on(
    size: tuple[int, int], share: float, inner: tuple[int, int, int, int]
) -> None:
    picture = Image.new("RGB", (240, 240), "red")
    picture.paste("blue", (0, 0, 240, 60))
    around, mask = await PictureProcess().surround(encoded(picture), size, share)
    canvas, hole = decoded(around).convert("RGB"), holes(mask)
    assert canvas.size == hole.size == size
    expected = picture.resize((inner[2] - inner[0], inner[3] - inner[1]), Image.Resampling.LANCZOS)
    assert canvas.crop(inner).tobytes() == expected.tobytes()
    for x, y in ((0, 0), (size[0] - 1, size[1] - 1)):
        outside = not (inner[0] <= x < inner[2] and inner[1] <= y < inner[3])
        color = canvas.getpixel((x, y))
        assert isinstance(color, tuple)
        assert not outside or max(color) > 150, "no black border is left to paint from"
        assert (hole.getpixel((x, y)) == 255) == outside
    middle = (inner[0] + inner[2]) // 2, (inner[1] + inner[3]) // 2
    assert hole.getpixel(middle) == 0
    for side, at in (("left", (inner[0], middle[1])), ("top", (middle[0], inner[1]))):
        free = inner[0] > 0 if side == "left" else inner[1] > 0
        assert (hole.getpixel(at) == 255) == free, "where it is continued, its very edge is painted with it"


def test_of_what_is_put_in_the_middle_nothing_is_lost() -> None:
    picture = noise((700, 700))
    both = decoder.surround(encoded(picture), 1_050, 1_050, 667)
    canvas = decoded(both[16 + int.from_bytes(both[:8], "big") :])
    assert canvas.convert("RGB").crop((175, 175, 875, 875)).tobytes() == picture.tobytes()


async def test_the_process_answers_for_all_of_them() -> None:
    pixels, picture = PictureProcess(), encoded(plain((90, 60)))
    assert decoded(await pixels.grid(picture)).size == (90, 60)
    chosen = await pixels.cells(picture, 16)
    assert holes(chosen).getbbox() == (30, 20, 60, 40)
    assert holes(await pixels.mask(picture, chosen)).getbbox() == (30, 20, 60, 40)
    with pytest.raises(PictureInvalid) as caught:
        await pixels.mask(picture, encoded(plain((60, 60), mode="RGBA")))
    assert (caught.value.reason, caught.value.sizes) == ("mask-shape", ("60x60", "90x60"))
