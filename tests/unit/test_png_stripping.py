"""What leaves the host with a start picture: the picture."""

from __future__ import annotations

import io

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from engine.api.png_stripping import strip_metadata


def test_a_picture_loses_its_words_and_keeps_its_pixels() -> None:
    picture = Image.frombytes("RGBA", (9, 7), bytes(range(252)))
    words = PngInfo()
    words.add_text("prompt", "secret words")
    words.add_itxt("parameters", "secret words", zip=True)
    exif = Image.Exif()
    exif[0x010E] = "secret words"
    made = io.BytesIO()
    picture.save(made, "PNG", pnginfo=words, exif=exif, dpi=(72, 72))
    assert b"secret" in made.getvalue()

    left = strip_metadata(made.getvalue() + b"secret words after the end")
    assert b"secret" not in left
    for chunk in (b"tEXt", b"iTXt", b"eXIf", b"pHYs"):
        assert chunk not in left
    opened = Image.open(io.BytesIO(left))
    assert opened.tobytes() == picture.tobytes()
    assert not opened.info
    assert strip_metadata(left) == left


def test_what_is_no_png_or_ends_early_does_not_break() -> None:
    for file in (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIDAT12"):
        assert strip_metadata(file) == file
