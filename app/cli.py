"""The command line: words in, exit code out (0 done, 1 the work failed, 2 the words were wrong)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

import typer

from model.errors import AffectcamError, ConfigError
from model.printable import one_line

from .command_line import app
from .stopping import stop_on_termination, told_to_stop
from .terminal import log_to_stderr, print_any_name

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None, *, supervise: bool = False) -> int:
    """Run a command; returns the exit code. Errors become one line on stderr.

    Args:
        arguments: the words; the program's own if None.
        supervise: the window and the overlay may run in a process of their own, which a crash alone takes away.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    log_to_stderr(logging.DEBUG if debug else logging.WARNING)
    stop_on_termination()
    print_any_name()
    try:
        again = [*words, *["--debug"] * debug] if supervise else None
        code = app(words, standalone_mode=False, prog_name="affectcam", obj=again)
    except AffectcamError as error:
        if debug:
            raise
        print(f"error: {one_line(error)}", file=sys.stderr)  # noqa: T201
        return 2 if isinstance(error, ConfigError) else 1
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except Exception as error:
        if debug:
            raise
        if told_to_stop():  # in the middle of an import: native code turns it into errors of other kinds
            print("stopped", file=sys.stderr)  # noqa: T201
            return INTERRUPTED
        if hasattr(error, "exit_code") and hasattr(error, "format_message"):  # the words were wrong
            command = getattr(getattr(error, "ctx", None), "command_path", "affectcam")
            print(f"error: {one_line(error.format_message()).rstrip('.')}; see `{command} --help`", file=sys.stderr)  # noqa: T201
            return int(error.exit_code)
        print(  # noqa: T201
            f"error: unexpected {type(error).__name__}: {one_line(error)}; run again with --debug and report it",
            file=sys.stderr,
        )
        return 1
    if code == INTERRUPTED:  # Typer turns Ctrl-C into this code
        print("stopped", file=sys.stderr)  # noqa: T201
    return int(code or 0)
