"""`limner rekey`: seals the database with a new LIMNER_DATA_KEY, for when the old one may have leaked.

Invariant: at every moment the database can be opened with a key that is on the disk: the one in .env or, until that is
written, the one in LIMNER_HOME's PENDING. A run that was stopped anywhere is finished by the next one.
"""

from __future__ import annotations

import base64
import os
import secrets
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from dotenv import dotenv_values

from bot import settings as configuration
from bot.cli.complaints import complain, complain_of, complain_of_settings
from bot.cli.terminal_prompts import Asker
from bot.host.durable_files import drop_beside, flush
from bot.host.env_file_editor import changed, write_private
from bot.host.home import DATABASE, locked_home
from bot.host.undumpable import forbid_dumps
from bot.operator_errors import CannotRekey, CannotStart
from bot.settings import Settings
from bot.storage.rekey import reseal
from bot.storage.sealed_file import PROOF_PLACE
from bot.storage.sealing import KEY_BYTES, Seal, SealBroken
from bot.storage.snapshot import Damaged, check_database, copy_database, proof_of
from bot.ui.i18n import text
from engine.api.env_settings import ENV_FILE, SettingsInvalid

NAME = "LIMNER_DATA_KEY"
PENDING = "limner.new-key"
RESEALED = f"{DATABASE}.resealed"


def rekey() -> int:
    """Ask, and seal the database anew. Returns the exit code."""
    forbid_dumps()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        settings = configuration.load()
    except SettingsInvalid as error:
        return complain_of_settings(error)
    try:
        _rekey(settings, Asker(settings.locale))
    except (CannotRekey, CannotStart) as error:
        return complain_of(error, settings.locale)
    except (OSError, sqlite3.Error, Damaged) as error:
        return complain(1, text(settings.locale, "rekey-failed", why=str(error)))
    except KeyboardInterrupt:
        return 130
    return 0


def _rekey(settings: Settings, asker: Asker) -> None:
    env = Path(ENV_FILE)
    if os.environ.get(NAME) or not (env.is_file() and dotenv_values(env).get(NAME)):
        raise CannotRekey("rekey-elsewhere", name=NAME, file=ENV_FILE)
    with locked_home(settings.home) as home:
        proof = proof_of(home / DATABASE) if (home / DATABASE).exists() else None
        if proof is None:
            raise CannotRekey("rekey-plain", home=str(home))
        pending = _read(home / PENDING)
        if pending and _opens(proof, pending):  # stopped after the database, before .env
            _finish(home, pending)
        elif not _opens(proof, settings.data_key):
            raise CannotStart("start-data-key-wrong", home=str(home))
        else:
            if not asker.agree("rekey-ask", file=ENV_FILE):
                asker.say("rekey-unchanged")
                return
            _replace(home, settings.data_key, asker)
    asker.say("rekey-done", file=ENV_FILE)


def _replace(home: Path, old: bytes, asker: Asker) -> None:
    live = (home / DATABASE).resolve()  # a link's own file, else the old one stays where it points to
    new, made = secrets.token_bytes(KEY_BYTES), live.with_name(RESEALED)
    made.unlink(missing_ok=True)
    drop_beside(made)
    write_private(home / PENDING, base64.b64encode(new).decode())
    flush(home)
    try:
        copy_database(live, made)
        made.chmod(0o600)
        broken = reseal(made, Seal(old), Seal(new))
        check_database(made)
        flush(made)
        with closing(sqlite3.connect(live)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        drop_beside(live)
        made.replace(live)
        flush(live.parent)
    finally:
        made.unlink(missing_ok=True)
    if broken:
        asker.say("rekey-broken", count=broken)
    _finish(home, new)


def _finish(home: Path, new: bytes) -> None:
    env = Path(ENV_FILE)
    write_private(env, changed(env.read_text("utf-8"), {NAME: base64.b64encode(new).decode()}))
    flush(env.resolve().parent)
    (home / PENDING).unlink()


def _read(file: Path) -> bytes | None:
    return base64.b64decode(file.read_text()) if file.exists() else None


def _opens(proof: bytes, key: bytes) -> bool:
    try:
        Seal(key).open(proof, PROOF_PLACE)
    except SealBroken:
        return False
    return True
