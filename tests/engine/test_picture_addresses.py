"""The engine's own addresses of pictures: kept for a while, within a bound, and signed."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from engine.api.errors import NotFound
from engine.http import picture_addresses
from engine.http.picture_addresses import LIFETIME_S, PictureAddresses


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def parts(address: str) -> tuple[str, str, str]:
    split = urlsplit(address)
    query = parse_qs(split.query)
    return split.path.rpartition("/")[2].partition(".")[0], query["expires"][0], query["signature"][0]


async def test_an_address_ends_with_its_time() -> None:
    clock = Clock()
    addresses = PictureAddresses(clock)
    address = parts(addresses.add(b"picture", "png"))
    clock.now += LIFETIME_S - 1
    assert addresses.find(*address) == (b"picture", "png")
    clock.now += 1
    with pytest.raises(NotFound, match="no longer kept"):
        addresses.find(*address)
    assert not addresses._kept


async def test_the_oldest_give_way_and_the_newest_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_addresses, "MAX_BYTES", 100)
    addresses = PictureAddresses()
    first, second, third = (parts(addresses.add(bytes(40), "png")) for _ in range(3))
    with pytest.raises(NotFound):
        addresses.find(*first)
    assert addresses.find(*second) == addresses.find(*third) == (bytes(40), "png")
    large = parts(addresses.add(bytes(500), "png"))
    assert list(addresses._kept) == [large[0]]


async def test_another_process_s_address_is_none_here() -> None:
    one, other = PictureAddresses(), PictureAddresses()
    address = parts(one.add(b"picture", "png"))
    other._kept = one._kept
    with pytest.raises(NotFound, match="no picture's address"):
        other.find(*address)
