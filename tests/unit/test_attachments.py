"""Attachments: nothing is read but Discord's own files, and of those never more than was declared."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.errors import is_expected, sentence
from bot.services.ports.pictures import PICTURE_REASONS, PictureInvalid
from bot.ui import cdn as cdn_module
from bot.ui.attachments import (
    MAX_BYTES,
    MAX_MEGAPIXELS,
    MAX_SIDE,
    MIN_SIDE,
    AttachmentRefused,
    Attachments,
    check_declared,
)
from bot.ui.cdn import CdnRefused, DiscordCdn, allowed
from bot.ui.i18n import LOCALES
from bot.workers import picture_decoder as pixels
from tests.fakes import FakePixels

BODY = b"x" * 1_000
USER = 7
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def attachment(url: str = "https://cdn.discordapp.com/attachments/1/2/a.png", **changes: Any) -> discord.Attachment:
    declared = {
        "id": "2",
        "filename": "a.png",
        "size": len(BODY),
        "url": url,
        "proxy_url": url,
        "content_type": "image/png",
    }
    state: Any = SimpleNamespace(http=None)
    return discord.Attachment(data={**declared, **changes}, state=state)  # type: ignore[typeddict-item]


class FakeCdn:
    """Holds files by address; those that are missing have expired."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.reads: list[str] = []
        self.open, self.most_open = 0, 0

    async def read(self, url: str, most: int) -> bytes:
        self.reads.append(url)
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        await asyncio.sleep(0)
        self.open -= 1
        if url not in self.files:
            raise CdnRefused("gone")
        return self.files[url]


class RefusingPixels(FakePixels):
    async def clean(self, data: bytes) -> bytes:
        raise PictureInvalid("animated")


async def refusal(attachments: Attachments, asked: discord.Attachment) -> str:
    with pytest.raises(AttachmentRefused) as refused:
        await attachments.fetch(asked, USER)
    return refused.value.reason


async def test_an_attachment_is_read_and_cleaned() -> None:
    url = attachment().url
    assert await Attachments(FakePixels(), FakeCdn({url: BODY})).fetch(attachment(), USER) == BODY
    assert await refusal(Attachments(RefusingPixels(), FakeCdn({url: BODY})), attachment()) == "animated"


@pytest.mark.parametrize("declared", [(6_000, 4_000), (4_000, 6_000)])
async def test_a_mask_s_refusal_names_the_size_that_the_picture_came_in(declared: tuple[int, int]) -> None:
    class Shaped(FakePixels):
        async def mask(self, picture: bytes, mask: bytes) -> bytes:
            raise PictureInvalid("mask-shape", ("500x500", "2048x1365"))

    mask, (width, height) = attachment(), declared
    reading = Attachments(Shaped(), FakeCdn({mask.url: BODY}))
    photo, untold = attachment(width=width, height=height), attachment()
    for picture, size in ((photo, "6000x4000"), (untold, "2048x1365"), (None, "2048x1365")):
        with pytest.raises(AttachmentRefused) as refused:
            await reading.mask(BODY, mask, USER, picture)
        assert refused.value.sizes == ("500x500", size)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"content_type": "text/html"}, "type"),
        ({"content_type": None}, "type"),
        ({"size": MAX_BYTES + 1}, "heavy"),
        ({"width": 8_193, "height": 20}, "large"),
        ({"width": 8_000, "height": 5_001}, "large"),
        ({"width": 15, "height": 100}, "small"),
    ],
)
async def test_what_is_declared_is_judged_before_anything_is_read(changes: dict[str, Any], reason: str) -> None:
    cdn = FakeCdn({attachment().url: BODY})
    assert await refusal(Attachments(FakePixels(), cdn), attachment(**changes)) == reason
    assert cdn.reads == []


def test_what_is_just_allowed_is_allowed() -> None:
    check_declared(attachment(size=MAX_BYTES, width=8_000, height=5_000))
    check_declared(attachment(width=16, height=16))
    check_declared(attachment())


async def test_two_at_most_are_held_at_once() -> None:
    cdn = FakeCdn({attachment().url: BODY})
    attachments = Attachments(FakePixels(), cdn)
    await asyncio.gather(*(attachments.fetch(attachment(), user_id) for user_id in range(6)))
    assert cdn.most_open == 2


async def test_of_one_person_two_are_read_and_more_refused_until_these_are() -> None:
    cdn = FakeCdn({attachment().url: BODY})
    attachments = Attachments(FakePixels(), cdn)
    asked = [attachments.fetch(attachment(), user_id) for user_id in (USER, USER, USER, USER, USER + 1)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [str(one) if isinstance(one, AttachmentRefused) else one for one in found] == [
        BODY, BODY, "busy", "busy", BODY,
    ]  # fmt: skip
    assert await refusal(attachments, attachment(f"{attachment().url}?gone")) == "gone"
    assert await attachments.fetch(attachment(), USER) == BODY, "those that ended count no more, however they ended"
    assert not attachments._reading


async def test_pictures_that_take_long_keep_nobody_else_waiting() -> None:
    slow, ended = f"{attachment().url}?slow", asyncio.Event()

    class Slow(FakePixels):
        async def clean(self, data: bytes) -> bytes:
            if data == b"slow":
                await ended.wait()
            return data

    attachments = Attachments(Slow(), FakeCdn({attachment().url: BODY, slow: b"slow"}))
    waiting = [asyncio.create_task(attachments.fetch(attachment(slow), USER)) for _ in range(2)]
    await asyncio.sleep(0.01)
    async with asyncio.timeout(5):
        assert await attachments.fetch(attachment(), USER + 1) == BODY
    ended.set()
    assert await asyncio.gather(*waiting) == [b"slow", b"slow"]
    assert not attachments._turns


class Channel:
    """A channel in which each reading of a message gives its files fresh addresses."""

    def __init__(self, fresh: list[discord.Attachment] | None) -> None:
        self.fresh = fresh

    async def fetch_message(self, message_id: int) -> Any:
        if self.fresh is None:
            response: Any = SimpleNamespace(status=404, reason="Not Found")
            raise discord.NotFound(response, "Unknown Message")
        return SimpleNamespace(id=message_id, attachments=self.fresh, channel=self)


def message(attachments: list[discord.Attachment], fresh: list[discord.Attachment] | None = None) -> Any:
    return SimpleNamespace(id=9, attachments=attachments, channel=Channel(fresh))


async def test_a_picture_of_a_message_is_read_by_its_number() -> None:
    first, second = attachment("https://cdn.discordapp.com/1.png"), attachment("https://cdn.discordapp.com/2.png")
    attachments = Attachments(FakePixels(), FakeCdn({first.url: b"one", second.url: b"two"}))
    assert await attachments.of_message(message([first, second]), 1, USER) == b"two"
    for index in (-1, 2):
        with pytest.raises(AttachmentRefused, match="gone"):
            await attachments.of_message(message([first, second]), index, USER)


async def test_an_expired_address_is_renewed_once() -> None:
    stale, fresh = attachment("https://cdn.discordapp.com/old.png"), attachment("https://cdn.discordapp.com/new.png")
    cdn = FakeCdn({fresh.url: BODY})
    attachments = Attachments(FakePixels(), cdn)
    assert await attachments.of_message(message([stale], fresh=[fresh]), 0, USER) == BODY
    for gone in (message([stale], fresh=None), message([stale], fresh=[]), message([stale], fresh=[stale])):
        cdn.reads.clear()
        with pytest.raises(AttachmentRefused, match="gone"):
            await attachments.of_message(gone, 0, USER)
        assert len(cdn.reads) <= 2


FOREIGN = [
    "https://example.org/a.png",
    "http://cdn.discordapp.com/a.png",
    "https://cdn.discordapp.com:8443/a.png",
    "https://cdn.discordapp.com@example.org/a.png",
    "https://user@cdn.discordapp.com/a.png",
    "https://cdn.discordapp.com.example.org/a.png",
    "https://example.org/cdn.discordapp.com",
    "https://example.org#cdn.discordapp.com",
    "https://example.org\\@cdn.discordapp.com/a.png",
    "http://127.0.0.1/a.png",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]/a.png",
    "file:///etc/passwd",
    "//cdn.discordapp.com/a.png",
    "cdn.discordapp.com/a.png",
    "https://",
    "https://[",
    "",
]


@pytest.mark.parametrize("url", FOREIGN)
async def test_no_other_address_is_read(url: str) -> None:
    with pytest.raises(CdnRefused, match="foreign"):
        await DiscordCdn().read(url, 10)
    assert await refusal(Attachments(FakePixels()), attachment(url)) == "foreign"


@given(st.one_of(st.text(), st.tuples(st.sampled_from(["http://", "https://", "//"]), st.text()).map("".join)))
def test_whatever_the_address_only_discords_hosts_pass(url: str) -> None:
    try:
        address = allowed(url)
    except CdnRefused:
        return
    assert (address.scheme, address.host) in {("https", "cdn.discordapp.com"), ("https", "media.discordapp.net")}


@pytest.mark.parametrize("host", ["cdn.discordapp.com", "media.discordapp.net", "CDN.discordapp.com"])
def test_discords_own_addresses_pass(host: str) -> None:
    assert allowed(f"https://{host}/ephemeral-attachments/1/2/a.png?ex=1&is=2&hm=3").query["ex"] == "1"


class Host:
    """A server in the CDN's place, which answers as the test says."""

    def __init__(self) -> None:
        self.answer: Handler | None = None
        self.seen: list[str] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request.path)
        assert self.answer
        return await self.answer(request)

    async def read(self, answer: Handler, most: int = len(BODY)) -> bytes:
        self.answer = answer
        return await DiscordCdn().read(f"{self.url}/a.png", most)


@pytest.fixture
async def host(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Host]:
    made = Host()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", made.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    monkeypatch.setattr(discord.Asset, "BASE", made.url)
    yield made
    await runner.cleanup()


def answer_with(body: bytes = BODY, status: int = 200, **headers: str) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, status=status, headers=headers)

    return answer


async def test_a_file_comes_whole(host: Host) -> None:
    assert await host.read(answer_with()) == BODY
    assert await host.read(answer_with(), most=MAX_BYTES) == BODY


async def test_another_port_of_that_host_is_foreign(host: Host) -> None:
    with pytest.raises(CdnRefused, match="foreign"):
        await DiscordCdn().read(str(URL(host.url).with_port(1)), 10)


@pytest.mark.parametrize(
    ("status", "reason"), [(403, "gone"), (404, "gone"), (410, "gone"), (500, "unreachable"), (206, "unreachable")]
)
async def test_an_answer_that_is_no_file_is_told(status: int, reason: str, host: Host) -> None:
    with pytest.raises(CdnRefused, match=reason):
        await host.read(answer_with(status=status))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(status: int, host: Host) -> None:
    with pytest.raises(CdnRefused, match="unreachable"):
        await host.read(answer_with(status=status, Location=f"{host.url}/secret"))
    assert host.seen == ["/a.png"]


async def test_more_than_was_declared_is_cut_off(host: Host) -> None:
    with pytest.raises(CdnRefused, match="heavy"):
        await host.read(answer_with(BODY + b"y"))


async def test_an_endless_body_is_cut_off(host: Host) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(10_000):
            await response.write(b"z" * 65_536)
        pytest.fail("all of it was read")

    with pytest.raises(CdnRefused, match="heavy"):
        await host.read(endless)


async def test_a_packed_body_is_not_unpacked(host: Host) -> None:
    packed = gzip.compress(b"\0" * 10_000_000)
    answer = answer_with(packed, 200, **{"Content-Encoding": "gzip"})
    assert await host.read(answer, most=len(packed)) == packed


async def test_the_environments_proxy_is_not_asked(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    assert await host.read(answer_with()) == BODY


async def test_a_host_that_hangs_is_given_up(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(BODY))})
        await response.prepare(request)
        await asyncio.sleep(5)
        return response

    monkeypatch.setattr(cdn_module, "TIMEOUT", aiohttp.ClientTimeout(total=0.2))
    with pytest.raises(CdnRefused, match="unreachable"):
        await host.read(hang)


async def test_a_connection_that_breaks_is_told(host: Host) -> None:
    async def stop(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(BODY))})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport
        request.transport.close()
        return response

    with pytest.raises(CdnRefused, match="unreachable"):
        await host.read(stop)


async def test_a_longer_file_than_declared_is_told_as_damaged(host: Host) -> None:
    host.answer = answer_with(BODY + b"y")
    assert await refusal(Attachments(FakePixels()), attachment(f"{host.url}/a.png")) == "broken"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("reason", [*PICTURE_REASONS, "heavy", "gone", "unreachable", "foreign", "busy"])
def test_each_refusal_has_its_sentence(reason: str, locale: str) -> None:
    error = AttachmentRefused(reason, ("512x256", "512x512") if reason == "mask-shape" else ())
    assert is_expected(error)
    told = sentence(error, locale)
    assert told.endswith((".", "。"))
    assert "\n" not in told


def test_the_declared_bounds_are_those_of_the_decoder() -> None:
    assert (MAX_SIDE, MAX_MEGAPIXELS * 1_000_000, MIN_SIDE) == (pixels.MAX_SIDE, pixels.MAX_PIXELS, pixels.MIN_SIDE)
