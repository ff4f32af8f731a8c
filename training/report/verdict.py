"""What the figures mean, in a paragraph: computed, so that it flatters nobody."""

from __future__ import annotations

from typing import Any

from model.emotions import LABELS

from ..config import Config
from .scores import ClassRow, class_rows, confusion_of, group_tables, interval_of
from .second_check import SecondCheck
from .words import count, listed, pair, percent, points, real, table, text

_ROUGH = 50  # pictures of a class below which its recall says little
_HONEST, _USABLE = 0.03, 0.06  # calibration errors
_LEARNED = 0.1  # accuracy above the baseline from which one can speak of learning
_SOME_GAP, _LARGE_GAP = 0.03, 0.10  # accuracy on learned pictures above that on new ones


def verdict(evaluate: dict[str, Any], check: SecondCheck | None, config: Config) -> list[str]:
    """Sentences, the most important one first; none without figures."""
    accuracy = real(evaluate.get("accuracy"))
    if accuracy is None:
        return []
    classes = class_rows(evaluate)
    said = [_accuracy(evaluate, accuracy, classes), _weakest(classes), _confused(evaluate)]
    said += [_confidence(evaluate, check), _gap(check, _baseline(classes)[0]), _groups(evaluate), _end_to_end(evaluate)]
    if evaluate.get("split") == config.data.valid:
        said.append(
            "The checkpoint and the temperature were chosen on this same split, so these figures are slightly kind."
        )
    return [sentence for sentence in said if sentence]


def _accuracy(evaluate: dict[str, Any], accuracy: float, classes: list[ClassRow]) -> str:
    said = f"{percent(accuracy)} of {count(evaluate.get('count'))} pictures are read right"
    always, label = _baseline(classes)
    if label:
        said += f", where always answering {label} would give {percent(always)}"
        span = interval_of(evaluate, "accuracy")
        if accuracy <= always:
            said += ": it has learned nothing of use"
        elif span and span[0] <= always:
            said += ", which may be chance"
    recall = real(evaluate.get("mean_recall"))
    return said + (f". Counting every class alike it is {percent(recall)}." if recall is not None else ".")


def _baseline(classes: list[ClassRow]) -> tuple[float, str]:
    """What always answering the largest class would give, and which that is."""
    total = sum(row.count for row in classes)
    if not total:
        return 0.0, ""
    largest = max(classes, key=lambda row: row.count)
    return largest.count / total, largest.label


def _weakest(classes: list[ClassRow]) -> str:
    known = sorted((row for row in classes if row.recall is not None), key=lambda row: row.recall or 0.0)
    weak = [row for row in known[:3] if (row.recall or 0.0) < 0.7]
    if not weak:
        return ""
    parts = [f"{row.label} ({percent(row.recall, 0)} of {count(row.count)})" for row in weak]
    said = f"Weakest: {listed(parts)}"
    rough = [row.label for row in weak if row.count < _ROUGH]
    if rough:
        said += f"; there are so few pictures of {listed(rough)} that this is rough"
    return said + "."


def _confused(evaluate: dict[str, Any]) -> str:
    confusion = confusion_of(evaluate)
    if confusion is None:
        return ""
    wrong = [
        (confusion[true][read] / max(1, sum(confusion[true])), true, read)
        for true in range(len(LABELS))
        for read in range(len(LABELS))
        if true != read and sum(confusion[true]) >= 10
    ]
    if not wrong or max(wrong)[0] < 0.1:
        return ""
    share, true, read = max(wrong)
    return f"The most frequent mistake: {percent(share, 0)} of {LABELS[true]} is taken for {LABELS[read]}."


def _confidence(evaluate: dict[str, Any], check: SecondCheck | None) -> str:
    error = real(evaluate.get("calibration_error"))
    if error is None:
        return ""
    before = real(evaluate.get("calibration_error_before_temperature"))
    was = f" ({points(before)} before temperature scaling)" if before is not None else ""
    lean = ""
    if check is not None and abs(check.confidence - check.accuracy) > 0.01:
        lean = (
            ", it is too sure of itself"
            if check.confidence > check.accuracy
            else ", it is right more often than it says"
        )
    if error <= _HONEST:
        return f"Its confidence can be taken at its word: it is off by {points(error)} points on average{was}."
    if error <= _USABLE:
        return f"Its confidence is off by {points(error)} points on average{was}{lean}."
    return f"Its confidence cannot be taken at its word: it is off by {points(error)} points on average{was}{lean}."


def _gap(check: SecondCheck | None, always: float) -> str:
    if check is None or check.train_accuracy is None:
        return ""
    gap = check.train_accuracy - check.accuracy
    learned = (
        f"Of {count(check.train_count)} pictures that it learned from it reads {percent(check.train_accuracy)} right"
    )
    if check.train_accuracy < always + _LEARNED:
        return f"{learned}: it has not learned these either."
    if gap < _SOME_GAP:
        return f"{learned}: what it learned carries over to new pictures."
    much = "some" if gap < _LARGE_GAP else "heavy"
    return f"{learned}, {points(gap)} points more than of new ones: {much} over-fitting."


def _groups(evaluate: dict[str, Any]) -> str:
    gaps = [gap for found in group_tables(evaluate) for gap in found.gaps if text(gap.get("measure")) == "accuracy"]
    if not gaps:
        return ""
    worst = max(gaps, key=lambda gap: real(gap.get("difference")) or 0.0)
    span = pair(worst.get("interval"))
    chance = ", which may be chance" if span and span[0] <= 0 else ""
    return (
        f"The groups furthest apart: {text(worst.get('higher'))} is read {points(worst.get('difference'))} points "
        f"better than {text(worst.get('lower'))}{chance}."
    )


def _end_to_end(evaluate: dict[str, Any]) -> str:
    whole = table(evaluate.get("end_to_end"))
    accuracy = real(whole.get("accuracy"))
    if accuracy is None:
        return ""
    return (
        f"End to end, with the face found by the app's own detector in {count(whole.get('pictures'))} whole "
        f"photographs, {percent(accuracy)} are read right; in {count(whole.get('misses'))} no face was found, which "
        "counts as wrong."
    )
