"""`limner rekey`: seals the database with a new LIMNER_DATA_KEY, for when the old one may have leaked.

Invariant: at every moment the database can be opened with a key that is on the disk: the one in .env or in the file
that LIMNER_DATA_KEY_FILE names or, until that is written, the one in LIMNER_HOME's PENDING. A run that was stopped
anywhere is finished by the next one.
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
from bot.host.home import DATABASE, RESEALED, locked_home
from bot.host.undumpable import forbid_dumps
from bot.operator_errors import CannotRekey, CannotStart
from bot.settings import Settings
from bot.storage.rekey import reseal
from bot.storage.sealed_file import PROOF_PLACE
from bot.storage.sealing import KEY_BYTES, Seal, SealBroken
from bot.storage.snapshot import Damaged, check_database, copy_database, proof_of
from bot.ui.i18n import text
from engine.api.env_settings import ENV_FILE, SettingsInvalid, parse_path

NAME = "LIMNER_DATA_KEY"
PENDING = "limner.new-key"


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
    file = _key_place()
    with locked_home(settings.home) as home:
        proof = proof_of(home / DATABASE) if (home / DATABASE).exists() else None
        if proof is None:
            raise CannotRekey("rekey-plain", home=str(home))
        pending = _read(home / PENDING)
        if pending and _opens(proof, pending):  # stopped after the database, before .env
            _finish(home, file, pending)
        elif not _opens(proof, settings.data_key):
            raise CannotStart("start-data-key-wrong", home=str(home))
        else:
            if not asker.agree("rekey-ask", file=str(file)):
                asker.say("rekey-unchanged")
                return
            _try_to_write(file)
            _replace(home, file, settings.data_key, asker)
    asker.say("rekey-done", file=str(file))


def _key_place() -> Path:
    """Return the file that the key stands in: .env, or the one that NAME_FILE names. Raises CannotRekey."""
    env = Path(ENV_FILE)
    in_env = dotenv_values(env) if env.is_file() else {}
    values = {**in_env, **os.environ}
    if values.get(NAME):
        if NAME not in os.environ:
            return env
    elif path := values.get(f"{NAME}_FILE"):
        return parse_path(path.strip())
    raise CannotRekey("rekey-elsewhere", name=NAME, file=ENV_FILE)


def _try_to_write(file: Path) -> None:
    """Find out before the database is sealed whether the new key can be written. Raises CannotRekey."""
    try:
        write_private(file, file.read_text("utf-8"))
    except OSError as error:
        raise CannotRekey("rekey-unwritable", file=str(file), why=error.strerror or str(error)) from error


def _replace(home: Path, file: Path, old: bytes, asker: Asker) -> None:
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
    _finish(home, file, new)


def _finish(home: Path, file: Path, new: bytes) -> None:
    key = base64.b64encode(new).decode()
    is_env = file == Path(ENV_FILE)
    write_private(file, changed(file.read_text("utf-8"), {NAME: key}) if is_env else f"{key}\n")
    flush(file.resolve().parent)
    (home / PENDING).unlink()


def _read(file: Path) -> bytes | None:
    return base64.b64decode(file.read_text()) if file.exists() else None


def _opens(proof: bytes, key: bytes) -> bool:
    try:
        Seal(key).open(proof, PROOF_PLACE)
    except SealBroken:
        return False
    return True
