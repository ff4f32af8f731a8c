"""``python -m training.run [STEP] --config FILE [--set key=value ...]``: from condensed sets to a model file."""

from __future__ import annotations

import json
import logging
import os
import shlex
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler

from model.errors import AffectcamError, ConfigError, DataError
from model.log_format import PrivateFormatter
from model.printable import one_line, printable

from .config import Config
from .interrupted import Interrupted
from .load_config import load_config
from .workflow import Step, Workflow, open_trainsets

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(stderr=True)

_PROGRAM = "python -m training.run"
_STOPPED = 130  # as a shell reports a program that Ctrl-C ended


@app.command()
def main(
    config_file: Annotated[Path, typer.Option("--config", help="A TOML file, see training/configs/.")],
    step: Annotated[Step | None, typer.Argument(help="One step; none = all in order.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a setting, e.g. train.epochs=3.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder for checkpoints and logs.")] = Path("runs"),
    groups: Annotated[
        Path | None, typer.Option(help="evaluate: a .csv with columns name,group; the same figures by group.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="evaluate: print the figures as JSON on stdout.")] = False,
    engine: Annotated[
        str | None, typer.Option(help="tune: who carries trials out, embedded or ray; as --set tune.engine=…")
    ] = None,
    address: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="tune: the Ray cluster; without one, Ray on this machine.")
    ] = None,
    debug: Annotated[bool, typer.Option(help="Show the whole traceback of an error.")] = False,
) -> None:
    """Pretrain, tune, train, export, evaluate and report: all in order, or the one step that is named.

    A step that is done and whose settings, data and earlier steps did not change is skipped; what was interrupted
    goes on. Results are in runs/NAME.

    Try everything on drawn faces, in about a minute:
    python -m training.run --config training/configs/smoke.toml

    Train the shipped network:
    python -m training.run --config training/configs/ferplus-compact.toml

    Score the shipped model on a condensed split:
    python -m training.run evaluate --config training/configs/ferplus-compact.toml --set evaluate.model=compact

    Search settings on a Ray cluster, eight trials at once, four of them on each GPU:
    python -m training.run tune --config training/configs/ferplus-compact.toml --engine ray --address 10.0.0.1:6379
    --set tune.trials=32 --set tune.jobs=8 --set tune.gpus_per_trial=0.25
    """
    _set_up_messages()
    named = {"evaluate.groups": groups, "tune.engine": engine, "tune.address": address}
    given = [f"{key}={json.dumps(str(value))}" for key, value in named.items() if value is not None]
    overrides = [*(settings or []), *given]
    try:
        config = load_config(config_file, overrides)
        words = ["--config", str(config_file), "--runs", str(runs)]
        words += [word for override in overrides for word in ("--set", override)]
        workflow = Workflow(
            config,
            runs / config.name,
            trainer=lambda *given: _train(*given, words),
            tuner=_tune,
            command=f"python -m training.run {shlex.join([*([step] if step else []), *words])}",
            say=lambda line: console.print(printable(line), markup=False, highlight=False, soft_wrap=True),
        )
        for each in [step] if step else list(Step):
            figures = workflow.run(each, again=step is not None)
            if figures is not None:
                _show(figures, as_json)
    except AffectcamError as error:
        if debug:
            raise
        console.print(f"error: {printable(str(error))}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2 if isinstance(error, ConfigError) else 1) from None
    except Interrupted:
        console.print("stopped; the same command goes on from here", highlight=False)
        raise typer.Exit(_STOPPED) from None
    except KeyboardInterrupt:
        raise typer.Exit(_STOPPED) from None
    except typer.Exit:
        raise
    except Exception as error:
        if debug:
            raise
        reason = one_line(error) or type(error).__name__
        known = isinstance(error, OSError | MemoryError)
        hint = "" if known else "; run again with --debug and report it"
        said = f"error: {'' if known else f'unexpected {type(error).__name__}: '}{reason[:400]}{hint}"
        console.print(said, markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. Wrong words become one line on stderr."""
    try:
        done = app(list(sys.argv[1:] if arguments is None else arguments), standalone_mode=False, prog_name=_PROGRAM)
        return int(done or 0)
    except (KeyboardInterrupt, typer.Abort):
        return _STOPPED
    except Exception as error:
        if not (hasattr(error, "exit_code") and hasattr(error, "format_message")):
            raise
        print(f"error: {one_line(error.format_message()).rstrip('.')}; see {_PROGRAM} --help", file=sys.stderr)  # noqa: T201
        return int(error.exit_code)


def _set_up_messages() -> None:
    console.quiet = int(os.environ.get("RANK", "0")) > 0  # of several processes the first one speaks
    handler = RichHandler(console=console, show_path=False, show_time=False)
    handler.setFormatter(PrivateFormatter("%(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    warnings.filterwarnings("ignore", module=r"lightning.*")  # advice to programmers


def _show(figures: object, as_json: bool) -> None:
    from .evaluate import show

    if as_json:
        print(json.dumps(figures.to_dict(), indent=1))  # type: ignore[attr-defined] # noqa: T201
    else:
        show(figures, Console())  # type: ignore[arg-type]


def _train(config: Config, step: Step, folder: Path, init: Path | None, words: list[str]) -> Path:
    from .devices import is_orphaned, launch_command, lost_process, wait_for_rendezvous, world_size
    from .loop import BEST, train
    from .progress import TrainingProgress

    if config.train.devices > 1 and world_size() == 1:
        _launch(launch_command(config.train.devices, [step, *words]), step)
        return folder / BEST
    train_set, valid_set = open_trainsets(config)
    with _stoppable() as asked, TrainingProgress(console) as progress:

        def stop() -> bool:
            return asked() or is_orphaned()

        try:
            best = train(config, train_set, valid_set, folder, report=progress.report, stop=stop, init=init)
        except RuntimeError as error:
            if world_size() == 1 or not lost_process(error):
                raise
            wait_for_rendezvous()
            raise DataError(
                f"{step}: another process of it is lost; what goes on does so from the last checkpoint"
            ) from None
        if asked():  # during the last validation: the training is whole, the rest is for the next time
            raise Interrupted
    console.print(f"{step}: done; best checkpoint {best}", highlight=False, soft_wrap=True)
    return best


def _tune(config: Config, folder: Path, init: Path | None) -> None:
    from .tune import tune

    with _stoppable() as stop:
        tune(config, folder, init=init, stop=stop, console=console)


def _launch(command: list[str], step: Step) -> None:
    """Run one process a device; Ctrl-C reaches them as well, and they save and leave."""
    from .devices import LAUNCHED_BY

    environment = {**os.environ, "OMP_NUM_THREADS": "1", LAUNCHED_BY: str(os.getpid())}
    with _stoppable() as stop, subprocess.Popen(command, env=environment) as launcher:
        forwarded = False
        while launcher.poll() is None:
            try:
                launcher.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                if stop() and not forwarded:
                    launcher.send_signal(signal.SIGTERM)
                    forwarded = True
    if forwarded or stop():
        raise Interrupted
    if launcher.returncode:
        raise DataError(f"{step}: its processes ended with exit code {launcher.returncode}; what they said is above")


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Within it Ctrl-C and SIGTERM do not end the program: they make the yielded question say yes."""
    asked: list[int] = []

    def ask(number: int, _: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(run())
