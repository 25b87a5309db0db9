"""Any file as a picture, on both sides: plain pixels of a bounded size, or a refusal with one of the known reasons."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from bot.services.ports.pictures import PICTURE_REASONS, PictureInvalid
from bot.workers import picture_decoder as pixels
from bot.workers.picture_decoder import CLEAN_SIDE, Refused
from bot.workers.picture_process import PictureProcess
from engine.api.errors import BadRequest
from engine.api.png_stripping import strip_metadata
from engine.painting.masks import read_mask
from engine.painting.start_image import read_picture
from tests.fuzz.effort import fuzz
from tests.fuzz.files import BOMBS, WHOLE, anything, changed
from tests.pictures import decoded

pytestmark = pytest.mark.filterwarnings("ignore")  # of damaged EXIF and large sizes

TELLING = {"exif", "xmp", "icc_profile", "comment", "photoshop"}
"""What a file may say beside its pixels; WebP itself always has its background and loop."""


@given(anything)
@fuzz(120)
def test_the_bot_makes_pixels_of_it_or_refuses(data: bytes) -> None:
    try:
        image = decoded(pixels.clean(data))
    except Refused as refused:
        assert refused.reason in PICTURE_REASONS
        return
    assert (image.format, image.mode) == ("WEBP", "RGB")
    assert max(image.size) <= CLEAN_SIDE
    assert not TELLING & image.info.keys()


@given(anything, st.integers(100, 4_000))
@fuzz(60)
def test_the_bot_fits_it_or_refuses(data: bytes, limit: int) -> None:
    try:
        fitted = pixels.fit(data, limit)
    except Refused as refused:
        assert refused.reason in PICTURE_REASONS
        return
    assert len(fitted) <= limit
    decoded(fitted)


@given(anything)
@fuzz(120)
def test_the_engine_makes_pixels_of_it_or_refuses(data: bytes) -> None:
    try:
        assert read_picture(data, shrink_to=64).mode == "RGB"
    except BadRequest as refused:
        assert refused.param == "image"
        assert str(refused).count(".") == 1


@given(anything)
@fuzz(50)
def test_the_engine_makes_a_mask_of_it_or_refuses(data: bytes) -> None:
    try:
        assert read_mask(data, (40, 30)).size == (40, 30)
    except BadRequest as refused:
        assert refused.param == "mask"


@given(anything)
@example(WHOLE["png"])
@fuzz(60)
def test_what_is_written_beside_a_picture_can_be_taken_off_any(data: bytes) -> None:
    bare = strip_metadata(data)
    assert len(bare) <= len(data)
    assert strip_metadata(bare) == bare


@pytest.mark.parametrize("bomb", sorted(BOMBS))
def test_a_bomb_costs_the_engine_little(bomb: str) -> None:
    began = time.process_time()
    try:
        Image.MAX_IMAGE_PIXELS = None
        read_picture(BOMBS[bomb])
    except BadRequest:
        pass
    assert time.process_time() - began < 30


@pytest.mark.parametrize("bomb", sorted(BOMBS))
async def test_a_bomb_ends_with_its_process(bomb: str) -> None:
    try:
        data = await PictureProcess().clean(BOMBS[bomb])
    except PictureInvalid as refused:
        assert refused.reason in PICTURE_REASONS
    else:
        assert decoded(data).size == (64, 64)


@given(changed())
@fuzz(4)
async def test_the_process_answers_whatever_it_is_given(data: bytes) -> None:
    try:
        decoded(await PictureProcess().clean(data))
    except PictureInvalid as refused:
        assert refused.reason in PICTURE_REASONS
