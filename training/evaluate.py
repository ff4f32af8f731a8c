"""Score a model file as the app runs it: on a condensed split, by group, and end to end on photographs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from model.classifier import Classifier, find_model
from model.errors import DataError

from .config import Config
from .data.condense import CondensedSet
from .end_to_end import end_to_end
from .evaluation import Evaluation, Smaller
from .group_misses import reach_by_group
from .groups import GroupFigures, by_group
from .groups_file import GroupTable, Matched, first_of, match_groups, read_groups
from .intervals import intervals_of
from .metrics import Figures, measure
from .photographs import open_photographs, parse_photographs
from .robustness import PASSES, robustness
from .show_figures import show
from .sources import open_split
from .steps import sha256_of, write_json
from .temperature import without_temperature
from .valence_arousal import agreement_of

__all__ = ["EVALUATION", "Scored", "evaluate", "score", "show"]

EVALUATION = "evaluate.json"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """A split's scores and what they are worth."""

    scores: NDArray[np.float32]  # (N, 8)
    valence_arousal: NDArray[np.float32]  # (N, 2), learned or derived, as the card says
    figures: Figures


def evaluate(config: Config, folder: Path) -> Evaluation:
    """Score ``evaluate.model`` (or the run's own export) on ``evaluate.split`` by the headline rule, one pass.

    With ``evaluate.groups`` also by group, with ``evaluate.photographs`` also end to end, with ``evaluate.robustness``
    also with spoilt faces; the int8 file beside the model is scored as well. ``folder/evaluate.json`` is written for
    the run's own export, never for another model.

    Raises:
        ConfigError: ``evaluate.photographs`` names no data set.
        DataError: there is no such split, table or data set, or the run has exported nothing yet.
        ModelError: the model cannot be used.
    """
    started = time.perf_counter()
    own = Path(config.export.path) if config.export.path else folder / f"{config.name}.onnx"
    if not config.evaluate.model and not own.is_file():
        raise DataError(f"{own}: not there yet; run the export step, or name a model: --set evaluate.model=compact")
    path = find_model(config.evaluate.model) if config.evaluate.model else own
    is_own = own.is_file() and path.samefile(own)
    asked = parse_photographs(config.evaluate.photographs) if config.evaluate.photographs else None
    table = read_groups(Path(config.evaluate.groups)) if config.evaluate.groups else None
    classifier = Classifier.load(path)
    data = open_split(config.data, config.evaluate.split, config)
    photographs = open_photographs(asked) if asked else None
    matched = match_groups(table, data.names) if table else None
    if table and matched and not photographs:  # else the table may be about the photographs
        _check_match(table, matched, None, data)

    whole = whole_groups = None
    with _progress() as bars:
        scored = score(classifier, data, config.evaluate.batch_size, tick=_bar(bars, config.evaluate.split, len(data)))
        is_stale = path == own and not config.export.int8  # an int8 file of an earlier export lies beside it
        smaller = None if is_stale else _score_int8(path, data, config.evaluate.batch_size, scored, bars)
        spoilt = None
        if config.evaluate.robustness:
            tick = _bar(bars, "robustness", PASSES * len(data))
            spoilt = robustness(classifier, data, batch_size=config.evaluate.batch_size, tick=tick)
        if photographs is not None:
            from model.detector import FaceDetector  # MediaPipe is slow to load, and needed here alone

            tick = _bar(bars, "end to end", len(photographs))
            with FaceDetector(mode="image") as detector:
                whole = end_to_end(classifier, photographs, detector, batch_size=config.evaluate.batch_size, tick=tick)
    groups = None
    if table and matched:
        beside = match_groups(table, whole.names) if whole else None
        _check_match(table, matched, beside, data)
        groups = _by_group(table, matched, scored, data)
        if whole and beside and beside.found:
            whole_groups = {
                column: reach_by_group(names, whole.labels, whole.predicted) for column, names in beside.groups.items()
            }
    persons = _persons(data)
    before = without_temperature(scored.scores, classifier.card.temperature)
    evaluation = Evaluation(
        model=str(own) if is_own else config.evaluate.model,
        sha256=sha256_of(path),
        split=config.evaluate.split,
        data_fingerprint=data.fingerprint,
        provider=classifier.provider,
        seconds=round(time.perf_counter() - started, 2),
        figures=scored.figures,
        intervals=intervals_of(data.labels, scored.scores.argmax(axis=1), persons),
        temperature=classifier.card.temperature,
        calibration_error_before_temperature=measure(before, data.labels).calibration_error,
        valence_arousal=agreement_of(scored.valence_arousal, data.valence_arousal),
        learned_valence_arousal=classifier.card.valence_arousal == "learned",
        groups=groups,
        photographs=asked.to_dict() if asked else None,
        end_to_end=whole,
        end_to_end_groups=whole_groups,
        int8=smaller,
        robustness=spoilt,
    )
    if is_own:
        _write(folder / EVALUATION, evaluation.to_dict())
    return evaluation


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write the figures down, unless they are there already: what depends on the file then need not be done again."""
    try:
        earlier = json.loads(path.read_text(encoding="utf-8"))
        if {**earlier, "seconds": 0} == json.loads(json.dumps({**content, "seconds": 0})):
            return
    except (OSError, ValueError, TypeError, RecursionError):
        pass
    write_json(path, content)


def score(
    classifier: Classifier, data: CondensedSet, batch_size: int, *, tick: Callable[[int], None] = lambda _: None
) -> Scored:
    """Run every picture of ``data`` through ``classifier`` once; ``tick`` is told how many are done."""
    scores, both = [], []
    for start in range(0, len(data), batch_size):
        end = min(len(data), start + batch_size)
        pictures = data.take(np.arange(start, end))
        read = classifier.read(pictures[..., 0] if pictures.shape[-1] == 1 else pictures)
        scores.append(read.scores)
        both.append(read.valence_arousal)
        tick(end)
    joined = np.concatenate(scores)
    return Scored(scores=joined, valence_arousal=np.concatenate(both), figures=measure(joined, data.labels))


def _score_int8(path: Path, data: CondensedSet, batch_size: int, scored: Scored, bars: Progress) -> Smaller | None:
    """The int8 file beside the model, if there is one."""
    twin = path.with_name(f"{path.stem}-int8.onnx")
    if not twin.is_file():
        return None
    theirs = score(Classifier.load(twin), data, batch_size, tick=_bar(bars, "int8", len(data)))
    same = theirs.scores.argmax(axis=1) == scored.scores.argmax(axis=1)
    return Smaller(model=twin.name, sha256=sha256_of(twin), figures=theirs.figures, same_answers=float(same.mean()))


def _by_group(table: GroupTable, matched: Matched, scored: Scored, data: CondensedSet) -> GroupFigures:
    persons = _persons(data)
    columns = matched.groups if matched.found else {}
    groupings = {column: by_group(scored.scores, data.labels, names, persons) for column, names in columns.items()}
    return GroupFigures(file=table.path.name, matched=matched, groupings=groupings)


def _check_match(table: GroupTable, matched: Matched, beside: Matched | None, data: CondensedSet) -> None:
    if matched.found or (beside is not None and beside.found):
        return
    if not any(data.names):
        raise DataError(f"{data.folder}: condensed without the pictures' names; condense the data set again")
    theirs, ours = first_of(table.rows, 2), first_of(data.names, 2)
    if matched.ambiguous:
        raise DataError(
            f"{table.path}: each of its names is the name of several pictures; give more of the path, as in {ours}"
        )
    raise DataError(
        f"{table.path}: none of its {len(table.rows):,} names ({theirs}) is a picture of {data.folder}; "
        f"those are called {ours}"
    )


def _persons(data: CondensedSet) -> tuple[str, ...] | None:
    """Who is on each picture, where the data say it."""
    return data.groups if any(data.groups) else None


def _progress() -> Progress:
    columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _bar(bars: Progress, title: str, total: int) -> Callable[[int], Any]:
    task = bars.add_task(title, total=total)
    return lambda done: bars.update(task, completed=done)
