"""Imported once, by the process that bots are forked from: reads what each would read anew, no file of a home."""

import gc

import tests.crash.bot_process  # noqa: F401
from bot.ui.i18n import LOCALES, text

for locale in LOCALES:
    text(locale, "agent-lost")  # any text has all parsed, which is three quarters of a start's work
gc.collect()
gc.freeze()  # no collection in a child touches, and so copies, what is shared
