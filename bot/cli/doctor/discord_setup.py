"""Checks Discord's side: token, application, intents, permissions in each server, upload limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.cli.doctor.finding import Finding, fails, ok, warning
from bot.cli.doctor.inputs import Inputs
from bot.host.permissions import USED, invite_link, lacking
from bot.host.token_format import application_of, is_token
from bot.ui.i18n import text

UNAUTHORIZED, FINE = 401, 200
MESSAGE_CONTENT = 1 << 18 | 1 << 19
"""Flags of an application that may read all messages: verified, and in fewer than 100 servers."""
UPLOAD_BYTES = 10 << 20
SPARE = {"connect", "send_messages_in_threads"}
"""Without these, Limner works in ordinary channels."""
NAME_SHOWN, SERVERS_SHOWN = 40, 20


def check_token(inputs: Inputs) -> Iterator[Finding]:
    token, discord = inputs.settings.discord_token, inputs.discord
    if not token:
        yield ok("doctor-token-absent", port=str(inputs.settings.sandbox_port))
    elif not is_token(token):
        yield fails("doctor-token-malformed", length=len(token))
    elif discord.status == UNAUTHORIZED:
        yield fails("doctor-token-refused")
    elif discord.status != FINE or not discord.me:
        why = discord.why or f"HTTP {discord.status}"
        yield warning("doctor-token-untried", why=_printable(why))
    else:
        yield ok("doctor-token", name=_printable(str(discord.me.get("username", "?"))))


def check_application(inputs: Inputs) -> Iterator[Finding]:
    application = inputs.discord.application
    if not application:
        yield ok("doctor-application-unasked")
    elif application.get("interactions_endpoint_url"):
        yield fails("doctor-application-endpoint")
    elif application.get("bot_require_code_grant"):
        yield warning("doctor-application-grant")
    else:
        yield ok("doctor-application", name=_printable(str(application.get("name", "?"))))


def check_intents(inputs: Inputs) -> Iterator[Finding]:
    """Limner takes no privileged intent; one that is switched on lets the token read what Limner never reads."""
    flags = inputs.discord.application.get("flags")
    if isinstance(flags, int) and flags & MESSAGE_CONTENT:
        yield warning("doctor-intents-spare")
    else:
        yield ok("doctor-intents")


def check_permissions(inputs: Inputs) -> Iterator[Finding]:
    locale, guilds = inputs.settings.locale, inputs.discord.guilds
    application = application_of(inputs.settings.discord_token)
    link = invite_link(application) if application else ""
    needed = _names(USED, locale)
    if not inputs.settings.discord_token:
        yield ok("doctor-permissions-later", needed=needed)
        return
    if guilds is None:
        yield warning("doctor-permissions-unasked", needed=needed)
        return
    if not guilds:
        yield warning("doctor-permissions-nowhere", link=link)
        return
    lacks = [(str(guild.get("name", "?")), lacking(int(guild.get("permissions", 0)))) for guild in guilds]
    short = [(_printable(name), names) for name, names in lacks if names]
    for name, names in short[:SERVERS_SHOWN]:
        verdict = warning if set(names) <= SPARE else fails
        yield verdict("doctor-permissions-lacking", server=name, lacking=_names(names, locale), link=link)
    if not short:
        yield ok("doctor-permissions", count=len(guilds))


def check_upload(inputs: Inputs) -> Iterator[Finding]:
    """A picture of the model's usual size, without any packing, against what Discord takes in every server."""
    limit = UPLOAD_BYTES >> 20
    if inputs.painted_bytes > UPLOAD_BYTES:
        yield warning("doctor-upload-packed", limit=limit, size=f"{inputs.painted_bytes / (1 << 20):.0f}")
    else:
        yield ok("doctor-upload", limit=limit)


def _names(names: Iterable[str], locale: str) -> str:
    return ", ".join(text(locale, f"permission-{name}") for name in names)


def _printable(words: str) -> str:
    """Return what others wrote so that it cannot move a terminal's cursor."""
    return "".join(letter for letter in words if letter.isprintable())[:NAME_SHOWN]
