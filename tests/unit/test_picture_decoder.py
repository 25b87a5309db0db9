"""Foreign pictures become plain pixels or a refusal, whatever they hold; finished ones fit a limit with their texts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.services.ports.pictures import PICTURE_REASONS
from bot.workers import picture_decoder as pixels
from bot.workers.picture_decoder import Refused, clean, convert, fit
from tests import pictures
from tests.pictures import decoded, encoded, noise, plain

pytestmark = [
    pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning"),
    pytest.mark.filterwarnings("ignore:Corrupt EXIF data"),
]
RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        clean(data)
    return refused.value.reason


def pixel(image: Image.Image, at: tuple[int, int]) -> tuple[int, ...]:
    found = image.getpixel(at)
    assert isinstance(found, tuple)
    return tuple(int(value) for value in found)


def close(one: tuple[int, ...], other: tuple[int, ...], by: int = 8) -> bool:
    return len(one) == len(other) and all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_each_kind_becomes_a_plain_webp(kind: str) -> None:
    image = decoded(clean(encoded(plain(), kind)))
    assert (image.format, image.mode, image.size) == ("WEBP", "RGB", (64, 48))
    assert close(pixel(image, (5, 5)), RED)


@pytest.mark.parametrize(("kind", "form"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP")])
@pytest.mark.parametrize("given", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_converted_to_each_kind(kind: str, form: str, given: str) -> None:
    texts = PngInfo()
    texts.add_text("parameters", "a fox, 狐狸\nSteps: 4")
    options = {"pnginfo": texts} if given == "PNG" else {}
    converted = convert(encoded(plain(), given, **options), kind)
    image = decoded(converted)
    assert (image.format, image.size) == (form, (64, 48))
    assert close(pixel(image, (5, 5)), RED)
    if given == "PNG" and kind != "png":
        assert "狐狸".encode("utf-16-be") in image.getexif().get_ifd(pixels.EXIF_IFD)[pixels.USER_COMMENT]


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM", "ICO", "TGA"])
def test_other_kinds_are_refused(kind: str) -> None:
    assert refusal(encoded(plain(), kind)) == "type"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n(x) run",
        b"%PDF-1.7",
        b"GIF89a",
        b"PK\x03\x04",
        b"RIFF\x24\0\0\0WAVEfmt ",
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert refusal(data) == "type"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animations_are_refused(kind: str) -> None:
    assert refusal(pictures.animation(kind)) == "animated"


def test_a_phones_second_picture_is_no_animation() -> None:
    image = decoded(clean(encoded(plain(), "MPO", save_all=True, append_images=[plain((32, 32), "blue")])))
    assert image.size == (64, 48)
    assert close(pixel(image, (5, 5)), RED)


@pytest.mark.parametrize(
    "data",
    [
        pictures.png_claiming(60_000, 60_000),
        pictures.png_claiming(8_193, 20),
        pictures.png_claiming(8_000, 5_001),
        pictures.png_claiming(2**31 - 1, 2**31 - 1),
        pictures.webp_claiming(16_383, 16_383),
        pictures.webp_claiming(9_000, 100),
    ],
    ids=len,
)
def test_a_size_that_is_too_large_is_refused_before_decoding(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: object) -> None:
        pytest.fail("it was decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
    assert refusal(data) == "large"


@pytest.mark.parametrize("size", [(1, 1), (15, 100), (100, 15), (4_000, 16)])
def test_too_few_pixels_are_refused(size: tuple[int, int]) -> None:
    assert refusal(encoded(plain(size))) == "small"


def test_the_smallest_is_taken() -> None:
    assert decoded(clean(encoded(plain((16, 16))))).size == (16, 16)


def test_a_picture_that_unpacks_to_more_than_its_pixels_costs_nothing() -> None:
    assert decoded(clean(pictures.zlib_bomb())).size == (64, 64)


def test_a_text_that_unpacks_to_much_is_refused() -> None:
    assert refusal(pictures.text_bomb()) == "broken"


def test_missing_pixels_are_refused() -> None:
    assert refusal(pictures.png_claiming(64, 64)) == "broken"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_follows_a_picture_or_hides_in_it_is_gone(kind: str) -> None:
    polyglot = encoded(plain(), kind) + b"PK\x03\x04<script>SECRET</script>"
    cleaned = clean(polyglot)
    assert b"SECRET" not in cleaned
    assert decoded(cleaned).size == (64, 48)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_no_metadata_stays(kind: str) -> None:
    texts = PngInfo()
    texts.add_text("Comment", "SECRET")
    options = {"pnginfo": texts} if kind == "PNG" else {"xmp": b"<x:xmpmeta>SECRET</x:xmpmeta>"}
    data = encoded(plain(), kind, exif=pictures.exif(), icc_profile=pictures.profile(), dpi=(72, 72), **options)
    assert b"SECRET" in data
    cleaned = clean(data)
    assert b"SECRET" not in cleaned
    assert set(re.findall(rb"VP8 |VP8L|VP8X|EXIF|XMP |ICCP|ANIM|ALPH", cleaned)) <= {b"VP8 ", b"VP8L"}
    assert not {"exif", "xmp", "icc_profile", "dpi"} & set(decoded(cleaned).info)


@pytest.mark.parametrize("size", [(64, 48), (1_000, 700), (2_048, 2_048), (3_000, 40)])
def test_what_is_kept_to_start_from_is_small_whatever_it_shows(size: tuple[int, int]) -> None:
    for picture in (plain(size), noise(size)):
        cleaned = clean(encoded(picture))
        assert len(cleaned) <= pixels.CLEAN_BYTES
        assert cleaned == clean(encoded(picture)), "the same picture is kept once"


def test_what_is_to_stay_as_it_is_loses_no_pixel_and_a_picture_of_too_many_bytes_becomes_smaller() -> None:
    picture = noise((1_000, 700))
    assert decoded(pixels.keep(encoded(picture), 13_000_000)).tobytes() == picture.tobytes()
    turned = decoded(pixels.keep(encoded(picture, exif=pictures.exif(6)), 13_000_000))
    assert turned.tobytes() == picture.transpose(Image.Transpose.ROTATE_270).tobytes()
    kept = pixels.keep(encoded(picture), 500_000)
    width, height = decoded(kept).size
    assert 300_000 < len(kept) <= 500_000
    assert width / height == pytest.approx(10 / 7, rel=0.01)
    assert max(decoded(pixels.keep(encoded(plain((8_000, 400))), 13_000_000)).size) == pixels.KEPT_SIDE


def test_a_small_picture_keeps_every_pixel() -> None:
    picture = noise((200, 150))
    assert decoded(clean(encoded(picture))).tobytes() == picture.tobytes()


def _turned(orientation: int) -> Image.Image:
    """Store `corner` as a camera held that way would."""
    image = pictures.corner()
    undo = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    return image.transpose(undo.get(orientation, pixels.UPRIGHT.get(orientation, Image.Transpose.ROTATE_180)))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("orientation", range(2, 9))
def test_every_orientation_is_applied(orientation: int, kind: str) -> None:
    data = encoded(_turned(orientation), kind, exif=pictures.exif(orientation))
    image = decoded(clean(data))
    assert image.size == (64, 32)
    assert close(pixel(image, (8, 8)), RED, by=20)
    assert all(close(pixel(image, at), WHITE, by=20) for at in ((56, 8), (8, 24), (56, 24)))


def test_damaged_exif_does_not_spoil_a_picture() -> None:
    data = encoded(plain(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff garbage")
    assert decoded(clean(data)).size == (64, 48)


def test_transparency_becomes_white() -> None:
    clear = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
    clear.paste((0, 0, 255, 255), (0, 0, 16, 32))
    gray = Image.new("LA", (32, 32), (0, 0))
    palette = plain((32, 32), "red").quantize(4)
    for kind, image, options in (
        ("PNG", clear, {}),
        ("WEBP", clear, {"lossless": True}),
        ("PNG", gray, {}),
        ("PNG", palette, {"transparency": 0}),
    ):
        cleaned = decoded(clean(encoded(image, kind, **options)))
        assert cleaned.mode == "RGB"
        assert pixel(cleaned, (30, 5)) == WHITE
    assert pixel(decoded(clean(encoded(clear))), (5, 5)) == BLUE


def test_cmyk_becomes_what_is_seen() -> None:
    cyan = Image.new("CMYK", (32, 32), (255, 0, 0, 0))
    assert close(pixel(decoded(clean(encoded(cyan, "JPEG"))), (5, 5)), (0, 255, 255))


def test_sixteen_bits_of_gray_are_scaled_and_not_cut() -> None:
    image = Image.new("I;16", (32, 32), 32_768)
    assert close(pixel(decoded(clean(encoded(image))), (5, 5)), (128, 128, 128), by=2)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_color_profile_is_applied(mode: str) -> None:
    swapped = pictures.profile().replace(b"rXYZ", b"----").replace(b"bXYZ", b"rXYZ").replace(b"----", b"bXYZ")
    image = decoded(clean(encoded(plain(mode=mode), icc_profile=swapped)))
    assert close(pixel(image, (5, 5)), BLUE)


@pytest.mark.parametrize(
    "profile", [b"garbage", pictures.profile()[:200], b"\0" * 5_000], ids=["no profile", "cut", "zeros"]
)
def test_a_damaged_color_profile_is_left_out(profile: bytes) -> None:
    assert close(pixel(decoded(clean(encoded(plain(), icc_profile=profile))), (5, 5)), RED)


def test_a_profile_of_another_kind_is_left_out() -> None:
    image = decoded(clean(encoded(plain().convert("CMYK"), "JPEG", icc_profile=pictures.profile())))
    assert close(pixel(image, (5, 5)), RED)


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_few_colors_are_taken(mode: str) -> None:
    assert decoded(clean(encoded(plain().convert(mode)))).mode == "RGB"


def test_a_large_picture_is_shrunk_and_keeps_its_shape() -> None:
    assert decoded(clean(encoded(plain((8_000, 4_000)), "JPEG"))).size == (2_048, 1_024)


WHOLE = {kind: encoded(noise((40, 30)), kind) for kind in ("PNG", "JPEG", "WEBP")}


@given(st.sampled_from(sorted(WHOLE)), st.floats(0, 1), st.binary(max_size=40))
@settings(deadline=None)
def test_a_file_that_is_cut_off_is_taken_or_refused(kind: str, share: float, tail: bytes) -> None:
    data = WHOLE[kind]
    _taken_or_refused(data[: int(len(data) * share)] + tail)


@given(st.sampled_from(sorted(WHOLE)), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=12))
@settings(deadline=None)
def test_a_file_with_wrong_bytes_is_taken_or_refused(kind: str, changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE[kind])
    for at, value in changes:
        data[at] = value
    _taken_or_refused(bytes(data))


@given(
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBPVP8X"]), st.binary(max_size=200)
)
@settings(deadline=None)
def test_anything_is_taken_or_refused(start: bytes, rest: bytes) -> None:
    _taken_or_refused(start + rest)


def _taken_or_refused(data: bytes) -> None:
    try:
        image = decoded(clean(data))
    except Refused as refused:
        assert refused.reason in PICTURE_REASONS
    else:
        assert image.mode == "RGB"


def test_every_reason_of_the_source_is_a_reason_of_the_port() -> None:
    source = Path(pixels.__file__).read_text("utf-8")
    named = set(re.findall(r'Refused\("([\w-]+)"', source)) | {"type", "broken"}
    assert named == set(PICTURE_REASONS) - {"slow"}, "slow is what the parent says"


NOISE = encoded(noise((2_048, 2_048)))


@pytest.mark.parametrize("limit", [10 * 1024 * 1024, 1024 * 1024, 100_000])
def test_noise_fits_any_limit(limit: int) -> None:
    data = fit(NOISE, limit)
    assert limit / 2 < len(data) <= limit
    assert decoded(data).format == "JPEG"


def test_what_packs_tighter_stays_lossless_with_its_texts() -> None:
    texts = PngInfo()
    texts.add_text("parameters", "a red boat\nSteps: 8")
    texts.add_itxt("understood", "红色的船")
    loose = encoded(plain((300, 200)), pnginfo=texts, compress_level=0)
    data = fit(loose, int(len(loose) / 1.4))
    image = decoded(data)
    assert image.format == "PNG"
    assert image.info["parameters"] == "a red boat\nSteps: 8"
    assert image.info["understood"] == "红色的船"
    assert image.tobytes() == decoded(loose).tobytes()


@pytest.mark.parametrize("parameters", ["a red boat, steps: 8", "夕阳下的海滩 🌅", "x" * 100_000, "x" + "🌅" * 40_000])
def test_a_jpeg_carries_the_parameters_as_far_as_they_fit(parameters: str) -> None:
    texts = PngInfo()
    texts.add_itxt("parameters", parameters)
    data = fit(encoded(noise((900, 900)), pnginfo=texts), 1024 * 1024)
    comment = decoded(data).getexif().get_ifd(pixels.EXIF_IFD)[pixels.USER_COMMENT]
    assert comment.startswith(b"UNICODE\0")
    carried = comment.removeprefix(b"UNICODE\0").decode("utf-16-be")
    assert parameters.startswith(carried)
    assert carried == parameters or len(comment) > 59_000


def test_a_limit_that_nothing_meets_is_refused() -> None:
    with pytest.raises(Refused, match="large"):
        fit(NOISE, 200)
