"""``python -m training.prepare``: a data set as published -> condensed sets, one folder a split."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from model.cores import cores
from model.errors import AffectcamError, ConfigError
from model.printable import one_line, printable

from .data.faces import Faces
from .data.layouts import LAYOUTS, describe
from .data.source import open_root
from .readers import KINDS, read_data_set

__all__ = ["KINDS", "app", "main", "open_root", "read_data_set"]

_READERS = {kind: partial(read_data_set, kind) for kind in KINDS}
_PROGRAM = "python -m training.prepare"
_STOPPED = 130  # as a shell reports a program that Ctrl-C ended

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Rewrite a data set as published into condensed sets, which training reads without decoding a picture.\n\n"
    "What was interrupted goes on with the same command; what is done already is not done again.\n\n"
    f"Which files are expected, and where they come from: {_PROGRAM} affectnet --layout",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code. Errors, wrong words too, become one line on stderr."""
    _stop_on_termination()
    _print_any_name()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return int(app(words or ["--help"], standalone_mode=False, prog_name=_PROGRAM) or 0)
    except (KeyboardInterrupt, typer.Abort):
        print("stopped", file=sys.stderr)  # noqa: T201
        return _STOPPED
    except Exception as error:
        if not (hasattr(error, "exit_code") and hasattr(error, "format_message")):
            raise
        command = getattr(getattr(error, "ctx", None), "command_path", _PROGRAM)
        print(f"error: {one_line(error.format_message()).rstrip('.')}; see {command} --help", file=sys.stderr)  # noqa: T201
        return int(error.exit_code)


def _stop_on_termination() -> None:
    """Let SIGTERM stop the work as Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)  # a shell's background job would ignore it


def _print_any_name() -> None:
    """A file's name may hold what the terminal has no letters for."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class _Bars:
    """Shows a bar a split."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def begin(self, split: str, total: int) -> Callable[[int], None]:
        task = self._progress.add_task(split, total=total)
        return lambda done: self._progress.update(task, completed=done)

    def say(self, line: str) -> None:
        self._progress.console.print(printable(line), markup=False, highlight=False, soft_wrap=True)


def _show_layout(context: typer.Context, asked: bool) -> None:
    if asked:
        print(describe(str(context.info_name)))  # noqa: T201
        raise typer.Exit


def _add_command(kind: str) -> None:
    layout = LAYOUTS[kind]

    def run(
        source: Annotated[Path, typer.Argument(metavar="SRC", help="The data set as published: a folder or a .zip.")],
        destination: Annotated[Path, typer.Argument(metavar="DST", help="Where the condensed sets go, one a split.")],
        size: Annotated[int, typer.Option(min=8, max=1024, help="Side of the stored pictures in pixels.")] = 48,
        colour: Annotated[bool, typer.Option("--colour/--no-colour", help="Store three channels, or grey.")] = False,
        faces: Annotated[
            Faces | None,
            typer.Option(
                help="What of a picture is stored: all of it, the data set's own box (where it has one, this is what "
                "happens if nothing is said), or the face that the app's own detector finds."
            ),
        ] = None,
        valid_share: Annotated[
            float, typer.Option(min=0, max=1, help="Share of the training split's persons to hold out as valid.")
        ] = 0.0,
        test_share: Annotated[float, typer.Option(min=0, max=1, help="The same, as test.")] = 0.0,
        jobs: Annotated[
            int | None, typer.Option(min=1, max=256, help="Processes that decode; else one a core.")
        ] = None,
        strict: Annotated[bool, typer.Option("--strict", help="Refuse the data set if anything is skipped.")] = False,
        again: Annotated[bool, typer.Option("--again", help="Make it even if it is there already.")] = False,
        debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")] = False,
        layout: Annotated[  # noqa: ARG001 - its callback acts
            bool,
            typer.Option(
                "--layout", is_eager=True, callback=_show_layout, help="Show which files are expected; no more."
            ),
        ] = False,
    ) -> None:
        from .preparation import Wanted, prepare

        try:
            wanted = Wanted(
                kind=kind,
                source=source,
                destination=destination,
                size=size,
                channels=3 if colour else 1,
                faces=faces,
                valid_share=valid_share,
                test_share=test_share,
            )
            columns = (TextColumn("{task.description:>6}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            console = Console(stderr=True)
            with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
                lines = prepare(wanted, _Bars(progress), jobs=jobs or cores(), strict=strict, again=again)
            print(printable("\n".join(lines)))  # noqa: T201
        except (AffectcamError, OSError, MemoryError) as error:
            if debug:
                raise
            print(f"error: {one_line(error) or type(error).__name__}", file=sys.stderr)  # noqa: T201
            raise typer.Exit(2 if isinstance(error, ConfigError) else 1) from None
        except KeyboardInterrupt:
            print("stopped; the same command goes on from here", file=sys.stderr)  # noqa: T201
            raise typer.Exit(_STOPPED) from None
        except Exception as error:
            if debug:
                raise
            reason = one_line(error)[:400]
            said = f"error: unexpected {type(error).__name__}{': ' * bool(reason)}{reason}"
            print(f"{said}; run again with --debug and report it", file=sys.stderr)  # noqa: T201
            raise typer.Exit(1) from None

    help_text = f"{layout.title}: {layout.expected}.\n\nExample:\n\n{layout.command}"
    app.command(kind, help=help_text, short_help=layout.title)(run)


for _kind in KINDS:
    _add_command(_kind)

if __name__ == "__main__":
    sys.exit(main())
