"""The judge of REST bodies refuses what Discord would."""

from __future__ import annotations

from typing import Any

import pytest

from tests.openapi import check_body, document

pytestmark = pytest.mark.skipif(document() is None, reason="Discord's OpenAPI document is not at hand")
PATH = "/channels/1/messages"


def test_a_message_as_discord_py_sends_it_passes() -> None:
    check_body("POST", PATH, {"content": "a", "tts": False, "attachments": [{"id": 0, "filename": "a.png"}]})


@pytest.mark.parametrize(
    "body",
    [{"contents": "a"}, {"content": 7}, {"content": "a", "allowed_mentions": {"parse": ["nobody"]}}],
    ids=["a mistyped name", "a wrong type", "a wrong word"],
)
def test_a_wrong_body_is_refused(body: Any) -> None:
    with pytest.raises(AssertionError):
        check_body("POST", PATH, body)
    with pytest.raises(AssertionError, match="Discord knows no /channel/1"):
        check_body("POST", "/channel/1/messages", {})
