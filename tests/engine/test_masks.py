"""Masks: files become masks or one sentence, and what they keep is kept to the pixel at any size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PIL import Image, ImageChops

from engine.api.errors import BadRequest
from engine.api.messages import ImageRequest, StartImage
from engine.painting import masks
from engine.painting.masks import composed, fit_mask, read_mask
from engine.painting.start_image import fit
from tests.engine.fakes import FAKE_SPEC
from tests.engine.pictures import drawing, file, window

SPEC = replace(FAKE_SPEC, sizes={"square": "64x64", "wide": "96x48"}, multiple=8, smallest=16, largest=256, steps=10)


def test_a_mask_is_white_where_its_file_is_transparent() -> None:
    mask = read_mask(window(), (64, 64))
    assert (mask.getpixel((10, 30)), mask.getpixel((50, 30))) == (0, 255)


@pytest.mark.parametrize(("mask", "picture"), [((32, 32), (64, 64)), ((3, 3), (64, 64)), ((3, 4), (1024, 1365))])
def test_a_mask_in_the_picture_s_proportions_is_scaled_without_new_values(
    mask: tuple[int, int], picture: tuple[int, int]
) -> None:
    read = read_mask(window(mask), picture)
    assert read.size == picture
    assert {level for _, level in read.getcolors() or ()} == {0, 255}
    assert (read.getpixel((0, 0)), read.getpixel((picture[0] - 1, 0))) == (0, 255)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (window((32, 64)), "mask: has 32x64 pixels and the picture 64x64; make them equal, or equal in proportion."),
        (window((1, 2)), "mask: has 1x2 pixels and the picture 64x64"),
        (file(drawing()), "mask: make transparent what is to be painted anew; nothing in it is."),
        (file(Image.new("RGBA", (64, 64))), "mask: all of it is transparent; leave it out to paint the whole picture."),
        (b"no picture", "mask: must be a picture"),
    ],
)
def test_a_bad_mask_gets_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(BadRequest) as caught:
        SPEC.plan(ImageRequest("x"), 1, StartImage(file(drawing()), mask=data))
    assert str(caught.value).startswith(sentence)
    assert caught.value.param == "mask"


def test_a_painter_without_masks_names_the_setting_that_gives_one() -> None:
    with pytest.raises(BadRequest, match=r"mask: .* cannot paint a part alone; .* set LIMNER_MODEL to one that can"):
        replace(SPEC, lacks=("mask",)).plan(ImageRequest("x"), 1, StartImage(file(drawing()), mask=window()))


def test_a_part_changes_more_than_a_whole_picture_where_no_strength_is_named() -> None:
    for mask, strength in ((window(), 0.9), (None, 0.6)):
        assert SPEC.plan(ImageRequest("x"), 1, StartImage(file(drawing()), mask=mask)).strength == strength
        assert SPEC.plan(ImageRequest("x"), 1, StartImage(file(drawing()), 0.4, mask)).strength == 0.4


@pytest.mark.parametrize("size", [(64, 64), (40, 96), (512, 320)])
@pytest.mark.parametrize("spots", [((30, 30, 33, 33),), ((20, 20, 23, 60), (0, 50, 64, 64))])
def test_outside_the_mask_no_pixel_changes_and_inside_it_does(
    size: tuple[int, int], spots: tuple[tuple[int, int, int, int], ...]
) -> None:
    """Also where picture and mask are cut and scaled to another size, and for a part of a few pixels."""
    holes = Image.new("RGBA", (64, 64), "black")
    for spot in spots:
        holes.paste((0, 0, 0, 0), spot)
    mask = fit_mask(read_mask(file(holes), (64, 64)), size)
    assert {level for _, level in mask.getcolors() or ()} == {0, 255}, "scaled without new values"
    given, painted = fit(drawing(), size), Image.new("RGB", size, "lime")
    finished = composed(painted, given, mask)
    difference = ImageChops.difference(finished, given).convert("L")
    assert difference.getbbox() is not None
    outside = Image.composite(Image.new("L", size), difference, mask.point(lambda level: 255 * (level > 0)))
    assert outside.getbbox() is None


def test_the_blend_lies_inside_the_mask_and_ends_in_what_was_painted() -> None:
    size = (512, 512)
    mask = fit_mask(read_mask(window(size), size), size)
    finished = composed(Image.new("L", size, 255), Image.new("L", size, 0), mask)
    row: list[Any] = [finished.getpixel((x, 256)) for x in range(250, 280)]
    assert row[:6] == [0] * 6
    assert row == sorted(row), "from the edge on, more and more of what was painted"
    assert row[-1] == 255
    assert len(set(row)) > 3
    assert masks.BLEND > 0
