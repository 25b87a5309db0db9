"""Why a model of the hub was not fetched or removed: a sentence for each reason, and the library's errors as these."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

SENTENCES = {
    "models-name": "{name} is no name on the hub, which has the form owner/model.",
    "models-unknown": "The hub knows no model {name}.",
    "models-gated": "The hub gives {name} only to those who agreed to its terms: do so on its page, and set HF_TOKEN.",
    "models-unreachable": "The hub at {where} does not answer ({why}); what came is kept, and the next try goes on.",
    "models-pickled": "{name} holds weights as pickles ({what}), which can run code; take a copy in safetensors.",
    "models-kind": "{name} is no model for Limner: it has neither model_index.json nor config.json with safetensors.",
    "models-disk": "{name}: {needed} are still to be fetched, and {folder} has {free} free; make room first.",
    "models-damaged": "{file} of {name} came damaged and was deleted; fetch it again.",
    "models-busy": "{name} is being fetched already.",
    "models-absent": "{name} is not here.",
    "models-unwritable": "{folder} cannot be written ({why}).",
}
"""What the engine's log says of each; the bot has the same in its locale files."""


class HubError(Exception):
    """Why a model was not fetched or removed; `key` and `facts` make its sentence."""

    def __init__(self, key: str, **facts: str | int) -> None:
        super().__init__(SENTENCES[key].format(**facts))
        self.key, self.facts = key, facts


class HubUnreachable(HubError):
    """The hub does not answer, or no network is wanted; what is in the cache may do."""


@contextmanager
def explained(name: str, cache: Path) -> Iterator[None]:
    """Turn what the library raises into HubError; a broken connection into HubUnreachable."""
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    try:
        yield
    except HubError:
        raise
    except HfHubHTTPError as error:
        raise _answered(name, error) from error
    except OfflineModeIsEnabled as error:
        raise _unreachable("HF_HUB_OFFLINE is set") from error
    except OSError as error:
        if error.errno is not None and not isinstance(error, ConnectionError | TimeoutError):  # such as a full disk
            raise HubError("models-unwritable", folder=str(cache), why=error.strerror or "") from error
        raise _unreachable(_first_line(error)) from error
    except Exception as error:
        if not _is_of_http(error):
            raise
        raise _unreachable(_first_line(error)) from error


def _answered(name: str, error: HfHubHTTPError) -> HubError:
    """Return what the hub's refusal means."""
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    status = error.response.status_code
    if isinstance(error, GatedRepoError) or status == 403:
        return HubError("models-gated", name=name)
    if isinstance(error, RepositoryNotFoundError) or status == 401:  # the same for one that needs a login
        return HubError("models-unknown", name=name)
    return _unreachable(f"HTTP {status}")


def _unreachable(why: str) -> HubUnreachable:
    from huggingface_hub import constants

    return HubUnreachable("models-unreachable", where=constants.ENDPOINT, why=why)


def _is_of_http(error: Exception) -> bool:
    """Tell whether an error is of the library's HTTP client, which has a tree of errors of its own."""
    return type(error).__module__.partition(".")[0] in ("httpx", "httpx2", "httpcore", "httpcore2")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
