"""``python -m training.run [STEP] --config FILE [--set key=value ...]``: from condensed sets to a model file."""

from __future__ import annotations

import json
import logging
import signal
import sys
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler

from model.errors import AffectcamError, ConfigError

from .config import Config
from .load_config import load_config

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(stderr=True)


class Step(StrEnum):
    """The steps, in their order."""

    TRAIN = "train"
    EXPORT = "export"
    EVALUATE = "evaluate"


@app.command()
def main(
    config_file: Annotated[Path, typer.Option("--config", help="A TOML file, see training/configs/.")],
    step: Annotated[Step | None, typer.Argument(help="One step; none = all in order.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a setting, e.g. train.epochs=3.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder for checkpoints and logs.")] = Path("runs"),
    as_json: Annotated[bool, typer.Option("--json", help="evaluate: print the figures as JSON on stdout.")] = False,
    debug: Annotated[bool, typer.Option(help="Show the whole traceback of an error.")] = False,
) -> None:
    """Train a network, export it with its card, and score it.

    Example: python -m training.run --config training/configs/ferplus-compact.toml

    Score the shipped model on a condensed split:
    python -m training.run evaluate --config training/configs/ferplus-compact.toml --set evaluate.model=compact
    """
    handler = RichHandler(console=console, show_path=False, show_time=False)
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[handler])
    logging.getLogger("lightning").setLevel(logging.WARNING)
    try:
        config = load_config(config_file, settings or [])
        for each in [step] if step else list(Step):
            _run(each, config, runs / config.name, as_json)
    except AffectcamError as error:
        if debug:
            raise
        console.print(f"error: {error}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2 if isinstance(error, ConfigError) else 1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except typer.Exit:
        raise
    except Exception as error:
        if debug:
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        known = isinstance(error, OSError | MemoryError)
        hint = "" if known else "; run again with --debug and report it"
        said = f"error: {'' if known else f'unexpected {type(error).__name__}: '}{reason[:400]}{hint}"
        console.print(said, markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def _run(step: Step, config: Config, folder: Path, as_json: bool) -> None:
    if step is Step.TRAIN:
        _train(config, folder)
    elif step is Step.EXPORT:
        from .export import export_run

        console.print(f"exported {export_run(config, folder)}")
    else:
        from .evaluate import evaluate, show

        figures = evaluate(config, folder)
        if as_json:
            print(json.dumps(figures.to_dict(), indent=1))  # noqa: T201
        else:
            show(figures, Console())


def _train(config: Config, folder: Path) -> None:
    from .data.condense import open_condensed
    from .loop import Interrupted, train
    from .progress import TrainingProgress

    root = Path(config.data.root)
    train_set, valid_set = open_condensed(root / config.data.train), open_condensed(root / config.data.valid)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config.to_dict(), indent=1), encoding="utf-8")
    asked: list[int] = []

    def ask(number: int, _: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with TrainingProgress(console) as progress:
            best = train(config, train_set, valid_set, folder, report=progress.report, stop=lambda: bool(asked))
        console.print(f"trained; best checkpoint {best}")
    except Interrupted:
        console.print(f"stopped; the same command goes on from {folder / 'last.pt'}")
        raise typer.Exit(130) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(app())
