"""The table's rows: one per face per frame; every table format writes these and only these."""

from __future__ import annotations

from collections.abc import Iterator

from app.types import FrameResult, Reading
from model.emotions import LABELS

Value = int | float | str
Row = dict[str, Value]

#: The names of the columns, in order; the eight scores in the enum's order.
COLUMNS: tuple[str, ...] = (
    "frame",
    "time_s",
    "track",
    "x_min",
    "y_min",
    "x_max",
    "y_max",
    "detection_score",
    "label",
    *LABELS,
    "valence",
    "arousal",
)

# Times to the microsecond, the finest that containers keep; scores to a millionth, so that rows still sum to 1
# within 1e-5; boxes to a hundredth of a pixel, far below what a detector knows.
_BOX_DECIMALS = 2
_DECIMALS = 6


def rows_of(result: FrameResult) -> Iterator[Row]:
    """The rows of one frame, in the order of its readings; none where there is no face.

    Keys are :data:`COLUMNS`. ``frame`` counts from 0, ``time_s`` is in seconds, the box in pixels of the full frame.
    """
    for reading in result.readings:
        yield _row(result.frame.index, result.frame.time_s, reading)


def cells(row: Row) -> list[int | str]:
    """A row as a line of CSV writes it, in the order of :data:`COLUMNS`."""
    return [_plain(row[column]) for column in COLUMNS]


def _row(frame: int, time_s: float, reading: Reading) -> Row:
    x_min, y_min, x_max, y_max = (_rounded(edge, _BOX_DECIMALS) for edge in reading.face.box)
    row: Row = {
        "frame": frame,
        "time_s": _rounded(time_s, _DECIMALS),
        "track": reading.track,
        "x_min": x_min,
        "y_min": y_min,
        "x_max": x_max,
        "y_max": y_max,
        "detection_score": _rounded(reading.face.score, _DECIMALS),
        "label": reading.emotion.label,
    }
    row.update((label, _rounded(score, _DECIMALS)) for label, score in zip(LABELS, reading.scores, strict=True))
    row["valence"] = _rounded(reading.valence, _DECIMALS)
    row["arousal"] = _rounded(reading.arousal, _DECIMALS)
    return row


def _rounded(value: float, decimals: int) -> float:
    # float() because the scores are float32, whose own rounding would print as 0.10000000149.
    return round(float(value), decimals)


def _plain(value: int | float | str) -> int | str:
    """A number without an exponent, which some spreadsheets read as text: 0.000004, not 4e-06."""
    if not isinstance(value, float):
        return value
    text = repr(value)
    return text if "e" not in text else f"{value:.6f}"
