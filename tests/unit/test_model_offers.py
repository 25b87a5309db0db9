"""What is offered to a machine, and the table behind it."""

from __future__ import annotations

import re

import pytest

from bot.domain.model_offers import Gpu, fitting, offers
from bot.ui.i18n import LOCALES
from bot.ui.model_offers import described, how_it_fits
from engine.api.model_catalog import CATALOG, PEAKS, entry_of, seconds_on
from engine.api.model_store import StoredModel
from engine.api.placement import Format, Where
from tests.docs.reading import README, table

EVERY = frozenset(Format)


def gpu(gib: float, name: str = "NVIDIA H200") -> Gpu:
    total = round(gib * 2**30 * 0.98)
    return Gpu(name, "580", total, total)


def test_without_a_gpu_nothing_of_the_table_fits() -> None:
    assert all(offer.fits is None and offer.seconds is None for offer in offers(None))
    assert fitting(None) == []


def test_the_first_that_is_offered_is_the_one_that_auto_takes() -> None:
    for row in table(README, "GPU memory"):
        for size in map(int, re.findall(r"\d+", row[0])):
            names = [offer.entry.name.rpartition("/")[2] for offer in fitting(gpu(size), EVERY)]
            first = names[0].replace("stable-diffusion-xl-base-1.0", "SDXL") if names else "the starter pair"
            assert first == row[1], f"{size} GB"


def test_what_is_offered_is_for_everyone_and_fits() -> None:
    for size in (6, 8, 12, 16, 24, 48, 80, 141):
        for offer in fitting(gpu(size), EVERY):
            assert offer.entry.is_free
            assert offer.entry.paints
            assert offer.fits
            assert max(part.stored(offer.fits.weights) for part in offer.entry.sizes.values()) < size * 2**30


@pytest.mark.parametrize(
    ("gib", "formats", "fits", "would_fit"),
    [
        (24, {Format.FULL}, (Where.TOGETHER, Format.FULL), None),
        (12, {Format.FULL}, (Where.PARTS, Format.FULL), Format.INT8),
        (12, set(Format), (Where.TOGETHER, Format.INT8), None),
        (8, {Format.FULL}, None, Format.FOUR_BIT),
        (8, set(Format), (Where.TOGETHER, Format.FOUR_BIT), None),
        (6, set(Format), None, None),
    ],
)
def test_how_klein_fits_with_and_without_the_packages(
    gib: float, formats: set[Format], fits: tuple[Where, Format] | None, would_fit: Format | None
) -> None:
    [offer] = [offer for offer in offers(gpu(gib), (), frozenset(formats)) if "klein-4B" in offer.entry.name]
    assert (offer.fits and (offer.fits.where, offer.fits.weights)) == fits
    assert offer.would_fit is would_fit
    for locale in LOCALES:
        phrase = how_it_fits(locale, offer, has_gpu=True)
        assert (would_fit is not None) == (would_fit is not None and would_fit.package in phrase)
        assert "models-fits" not in phrase


def test_what_is_here_is_told() -> None:
    name = CATALOG[0].name
    for whole, here in ((True, "whole"), (False, "partly")):
        rows = offers(None, [StoredModel(name, 1, whole)])
        assert [row.here for row in rows if row.entry.name == name] == [here]
        assert {row.here for row in rows if row.entry.name != name} == {"no"}


def test_seconds_are_scaled_by_the_makers_peaks_and_unknown_for_other_chips() -> None:
    sdxl = entry_of("stabilityai/stable-diffusion-xl-base-1.0")
    assert sdxl
    assert sdxl.seconds
    assert seconds_on(sdxl, "NVIDIA H200") == sdxl.seconds
    faster, slower = seconds_on(sdxl, "NVIDIA GeForce RTX 4090"), seconds_on(sdxl, "NVIDIA GeForce RTX 3090")
    assert faster == pytest.approx(sdxl.seconds * PEAKS["H200"] / PEAKS["RTX 4090"])
    assert faster is not None
    assert slower is not None
    assert slower > faster
    assert seconds_on(sdxl, "NVIDIA T4") is None
    assert seconds_on(CATALOG[-1], "NVIDIA H200") is None, "a language model paints nothing"


@pytest.mark.parametrize("locale", LOCALES)
def test_an_offer_says_licence_bytes_memory_and_seconds(locale: str) -> None:
    [offer] = [offer for offer in offers(gpu(24)) if "klein-4B" in offer.entry.name]
    told = described(locale, offer)
    for part in ("FLUX.2-klein-4B", "Apache-2.0", "16.0 GB", "18.5 GB", "0.8"):
        assert part in told
