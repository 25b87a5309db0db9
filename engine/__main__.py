"""`python -m engine`: reads the command line and the settings, opens the socket, runs the process."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.api.address import socket_path
from engine.api.env_settings import SettingsInvalid, read_environment
from engine.api.installation import install_command
from engine.api.known_settings import warn_of_unknown
from engine.api.log import configure_log
from engine.api.loop_watchdog import LoopWatchdog
from engine.api.supervision import Reporter
from engine.http.listener import CannotListen, Listener, TcpListener, UnixListener
from engine.settings import API_KEY, Settings, read_settings, sentences


def main(arguments: Sequence[str]) -> int:
    """Run the engine; return the exit status."""
    options = _read_options(arguments)
    secrets = () if options.host is None else (API_KEY,)
    try:
        settings = read_settings(read_environment(secrets=secrets), on_tcp=options.host is not None)
    except SettingsInvalid as error:
        print(*sentences(error), sep="\n", file=sys.stderr)
        return 2
    configure_log(settings.log, "engine", quiet=options.quiet, name=options.name)
    reporter = _reporter() if options.heartbeat else Reporter()
    if not reporter.is_heard:  # else the bot has said so
        warn_of_unknown(read_environment(secrets=()))
    watchdog = LoopWatchdog(reporter.beat)
    watchdog.start()
    try:
        listener = _listen(settings, options)
    except (CannotListen, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        from engine.process import run  # after the socket, so that a client that comes early waits instead of failing

        status = run(settings, listener, watchdog, reporter, until_stdin_closes=options.until_stdin_closes)
    except ImportError as error:
        print(f"The engine needs {error.name}, which is not installed: {install_command()}", file=sys.stderr)
        status = 1
    except KeyboardInterrupt:  # before the process watches its signals
        status = 130
    finally:
        listener.remove()
    sys.stderr.flush()
    # The model thread may be amid a computation, and an interpreter that shuts down under torch can crash.
    os._exit(status)


def _reporter() -> Reporter:
    """Return what writes to standard output; whatever else is printed goes to standard error from now on."""
    output = os.dup(1)
    os.dup2(2, 1)
    return Reporter(output)


def _read_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="limner engine", description="The engine: a language model and a painter.")
    parser.add_argument("--host", help="listen on TCP at this address; needs --port and ENGINE_API_KEY")
    parser.add_argument("--port", type=int, help="the TCP port")
    parser.add_argument("--socket", type=Path, help="the Unix socket's path; by default one in LIMNER_HOME")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input ends")
    parser.add_argument("--heartbeat", action="store_true", help="report to standard output: a byte each second")
    parser.add_argument("--name", default="", help="of several engines on one machine: each line of the log says it")
    parser.add_argument("--quiet", action="store_true", help="log warnings alone")
    options = parser.parse_args(arguments)
    if (options.host is None) != (options.port is None):
        parser.error("--host and --port go together")
    if options.host is not None and options.socket is not None:
        parser.error("--socket does not go with --host and --port")
    if options.port is not None and not 0 <= options.port <= 65535:
        parser.error("--port must be from 0 to 65535")
    return options


def _listen(settings: Settings, options: argparse.Namespace) -> Listener:
    """Open the socket. Raises CannotListen, or OSError for a home that cannot be made."""
    if options.host is not None:
        return TcpListener(options.host, options.port)
    if options.socket is not None:
        return UnixListener(options.socket)
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotListen(f"LIMNER_HOME: {settings.home} cannot be used: {error.strerror}.") from error
    return UnixListener(socket_path(settings.home))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
