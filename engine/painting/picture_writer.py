"""Encodes pictures as files on a thread of its own, so that the device goes on with the next picture meanwhile.

A PNG of 1024 x 1024 pixels takes a tenth of a second, and a quick model on a large GPU paints one in 0.8 s.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from engine.batching.task import current_task
from engine.jobs.requests import PictureFile
from engine.painting.provenance import PARAMETERS

COMPRESSION = 1
"""zlib's quickest level. Its files of photo-like pictures are a fifth larger than those of level 6, in a third of the
time; the bot packs a file tighter where a server's limit asks for it."""
QUALITY = 100
"""Of a WebP or JPEG whose request names none, as with OpenAI."""
EXIF_IFD, USER_COMMENT = 0x8769, 0x9286
MAX_EXIF_BYTES = 65_000
"""A JPEG's segment ends at 65,533."""


class Writer:
    """One thread; it ends with the process."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "picture-writer")

    def begin(self, image: Image.Image, file: PictureFile, texts: Mapping[str, str]) -> Future[bytes]:
        """Begin a file that holds these texts: a PNG all, the others those under `parameters`, as EXIF."""
        return self._thread.submit(_write, image, file, texts)


def finish(file: Future[bytes]) -> bytes:
    """Return the file; within a task, others go on until it is there."""
    task = current_task()
    return task.await_io(file) if task else file.result()


def _write(image: Image.Image, file: PictureFile, texts: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    quality = QUALITY if file.quality is None else max(1, file.quality)
    if file.format == "png":
        image.save(out, "PNG", pnginfo=_chunks(texts), compress_level=COMPRESSION)
    elif file.format == "webp":
        image.save(out, "WEBP", quality=quality, exif=_exif(texts))
    else:
        image.save(out, "JPEG", quality=quality, subsampling=0 if quality >= 90 else 2, exif=_exif(texts))
    return out.getvalue()


def _chunks(texts: Mapping[str, str]) -> PngInfo:
    chunks = PngInfo()
    for name, text in texts.items():
        chunks.add_text(name, text)
    return chunks


def _exif(texts: Mapping[str, str]) -> bytes:
    """Return EXIF with the parameters as its UserComment, in UTF-16, as AUTOMATIC1111's web UI writes them."""
    comment = texts.get(PARAMETERS, "").encode("utf-16-be", "replace")
    if not 0 < len(comment) <= MAX_EXIF_BYTES:
        return b""
    exif = Image.Exif()
    exif.get_ifd(EXIF_IFD)[USER_COMMENT] = b"UNICODE\0" + comment
    return exif.tobytes()
