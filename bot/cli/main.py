"""The `limner` command line. Each command imports its own modules when it runs, so that `limner --help` is quick."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from bot.cli.version import version

HANDED_ON = {"engine": "engine", "train": "training"}
STORE = "engine.model_store"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit codes: 0 done; 1 it failed, one sentence on stderr; 2 wrong usage."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and (package := HANDED_ON.get(arguments[0])):
        if find_spec(package) is None:
            return _absent(arguments[0], package)
        hand_on(arguments)
    if arguments[:1] == ["models"] and find_spec("bot.cli.models") is None:  # in the engine's image
        hand_on(["models", "--plain", *(arguments[1:] or ["list"])])
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except ModuleNotFoundError as error:  # as in the engine's image, which holds the engine alone
        return _absent(options.command, str(error.name))


def _absent(command: str, package: str) -> int:
    print(f"limner {command} needs {package}, which is not installed here; limner engine is.", file=sys.stderr)
    return 1


def _run(options: argparse.Namespace) -> int:
    if options.command == "imagine":
        from bot.cli.imagine import imagine

        return imagine(options)
    if options.command == "init":
        from bot.cli.init import init

        return init()
    if options.command == "doctor":
        from bot.cli.doctor import doctor

        doctor(as_json=options.json)
    if options.command == "models":
        from bot.cli.models import models

        return models(options)
    if options.command == "rekey":
        from bot.cli.rekey import rekey

        return rekey()
    if options.command == "mcp":
        return _mcp(options)
    if options.command in ("backup", "restore"):
        from bot.cli.backup import backup, restore

        return backup(options.file) if options.command == "backup" else restore(options.file, yes=options.yes)
    from bot.cli.run import main as run

    return run()


def _mcp(options: argparse.Namespace) -> int:
    if find_spec("mcp") is None:
        from bot.ui.i18n import SOURCE, text
        from engine.api.installation import install_command

        print(text(SOURCE, "mcp-not-installed", command=install_command("mcp")), file=sys.stderr)
        return 1
    from bot.cli.mcp_server import serve

    return serve(options)


def hand_on(arguments: list[str]) -> None:
    """Become `python -m engine …` or `python -m training …`, which may load torch. Does not return."""
    package = HANDED_ON.get(arguments[0], STORE)
    os.execv(sys.executable, [sys.executable, "-m", package, *arguments[1:]])  # noqa: S606 - no shell on purpose


def _id(typed: str) -> int:
    """Return Discord's id. Raises ValueError, which argparse tells."""
    if not (typed.isascii() and typed.isdigit() and 0 < int(typed) < 1 << 63):
        raise ValueError
    return int(typed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="limner", description="A Discord bot that draws, on your own machine.")
    parser.add_argument("--version", action="version", version=f"limner {version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="run the bot: on Discord with DISCORD_TOKEN in .env, else in the sandbox")
    imagine = commands.add_parser("imagine", help="draw one request without Discord")
    imagine.add_argument("words", help="what to draw, in any language")
    imagine.add_argument(
        "--out",
        type=Path,
        default=Path("limner.png"),
        metavar="FILE",
        help="ends with .png, .jpg or .webp; default: limner.png",
    )
    imagine.add_argument("--seed", type=int, metavar="N", help="the same seed and words give the same picture")
    imagine.add_argument("--count", type=int, default=1, metavar="N", help="how many pictures, 1 to 4")
    imagine.add_argument("--shape", default="square", metavar="SHAPE", help="square, portrait, landscape, wide or tall")
    imagine.add_argument(
        "--lora", action="append", default=[], metavar="NAME:WEIGHT", help="paint with a LoRA, such as ink:0.8; up to 4"
    )
    imagine.add_argument("--exact", action="store_true", help="do not expand the words")
    imagine.add_argument("--json", action="store_true", help="print one JSON object on stdout, and nothing else")
    commands.add_parser("init", help="ask five questions and write .env")
    doctor = commands.add_parser("doctor", help="look at everything that Limner needs, and say what to do")
    doctor.add_argument("--json", action="store_true", help="print one JSON object on stdout, and nothing else")
    backup = commands.add_parser("backup", help="write the database to one checked file, also while Limner runs")
    backup.add_argument("file", type=Path, metavar="FILE", help="the file to write; it must not exist yet")
    restore = commands.add_parser("restore", help="put a backup in the database's place, while Limner is stopped")
    restore.add_argument("file", type=Path, metavar="FILE", help="a file that limner backup wrote")
    restore.add_argument("--yes", action="store_true", help="replace the database that is there without asking")
    _add_models(commands.add_parser("models", help="list, fetch, remove and switch models"))
    mcp = commands.add_parser("mcp", help="let an agent draw for one member, by the Model Context Protocol on stdin")
    mcp.add_argument("--user", type=_id, required=True, metavar="ID", help="Discord's id of the member it acts for")
    mcp.add_argument("--channel", type=_id, required=True, metavar="ID", help="the channel that its pictures go to")
    commands.add_parser("rekey", help="seal the database with a new LIMNER_DATA_KEY, while Limner is stopped")
    commands.add_parser("engine", help="run the engine alone (limner engine --help)")
    commands.add_parser("train", help="train the starter models (limner train --help)")
    return parser


def _add_models(models: argparse.ArgumentParser) -> None:
    verbs = models.add_subparsers(dest="verb", metavar="VERB")
    verbs.add_parser("list", help="the models that are known and those that are here, with what fits this machine")
    fetch = verbs.add_parser("fetch", help="fetch a model from the hub, from where it was cut short")
    use = verbs.add_parser("use", help="switch to a model: a name on the hub, auto or starter")
    remove = verbs.add_parser("remove", help="delete a model that was fetched")
    for verb in (fetch, use, remove):
        verb.add_argument("name", metavar="NAME", help="its name on the hub, such as owner/model")
    remove.add_argument("--yes", action="store_true", help="also one that the settings name")


if __name__ == "__main__":
    sys.exit(main())
