"""Timeline: a picture of how the scores of each face went over the video."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.types import FrameResult
from model.emotions import LABELS, Emotion
from model.printable import one_line

from .collected import CollectedSink

#: Faces shown, those seen longest; a crowd would make the picture unreadable.
MOST_TRACKS = 6
#: Points per face; what lies between is averaged.
MOST_POINTS = 1500
#: A face that is away for longer leaves a gap, in seconds.
GAP_S = 0.5
#: Gaps per face; of a long film only those show that are wider than a quarter of a pixel.
MOST_GAPS = 5000


class TimelineSink(CollectedSink):
    """A PNG with one band per face: the eight scores stacked, in the colours of the overlay."""

    def __init__(
        self, path: Path, title: str, *, begin_s: float = 0.0, period_s: float = 0.0, overwrite: bool = False
    ) -> None:
        """Check the target.

        Args:
            path: where to.
            title: stands above the picture.
            begin_s: the time at the left edge.
            period_s: for how long a frame's reading stands, where that is longer than a frame of a video.
            overwrite: replace an existing file.

        Raises:
            SinkError: ``path`` exists and ``overwrite`` is false, or it cannot be written.
        """
        super().__init__(path, overwrite=overwrite)
        self._title, self._begin_s, self._period_s = title, begin_s, period_s
        self._rows: dict[int, list[tuple[float, NDArray[np.float32]]]] = {}
        self._last_s = 0.0

    def write(self, result: FrameResult) -> None:
        """Keep the scores of each face."""
        self._last_s = result.frame.time_s
        for reading in result.readings:
            self._rows.setdefault(reading.track, []).append((result.frame.time_s, reading.scores))

    def _save(self, part: Path) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # slow to import; no window system
        from matplotlib.figure import Figure

        longest = sorted(self._rows, key=lambda track: -len(self._rows[track]))[:MOST_TRACKS]
        tracks = sorted(longest)
        figure = Figure(figsize=(12, 1.2 + 1.5 * max(1, len(tracks))), dpi=110, layout="constrained")
        FigureCanvasAgg(figure)
        hidden = len(self._rows) - len(tracks)
        title = one_line(self._title) if hidden <= 0 else f"{one_line(self._title)} ({hidden} more faces not shown)"
        figure.suptitle(title, fontsize=11, parse_math=False)  # a name may hold "$"
        all_axes = figure.subplots(max(1, len(tracks)), 1, sharex=True, squeeze=False)[:, 0]
        for axes, track in zip(all_axes, tracks, strict=False):
            _draw_band(axes, self._rows[track], self._period_s)
            axes.set_ylabel(f"face {track}")
        for axes in all_axes:
            axes.set_xlim(self._begin_s, max(self._last_s + self._period_s, self._begin_s + 1e-3))
            axes.set_ylim(0, 1)
            axes.set_yticks([])
        if not tracks:
            all_axes[0].text(0.5, 0.5, "no face found", transform=all_axes[0].transAxes, ha="center", va="center")
        all_axes[-1].set_xlabel("time, seconds")
        _draw_legend(figure)
        with part.open("wb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # letters of a name that the font lacks are drawn as boxes
            figure.savefig(file, format="png", metadata={"Software": "affectcam"})


def _draw_band(axes: Any, rows: list[tuple[float, NDArray[np.float32]]], period_s: float) -> None:
    at, heights = _in_one(np.array([time_s for time_s, _ in rows]), np.stack([scores for _, scores in rows]), period_s)
    axes.stackplot(at, heights.T, colors=[_rgb(emotion) for emotion in Emotion], linewidth=0)


def _in_one(
    times: NDArray[np.float64], scores: NDArray[np.float32], period_s: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The stretches in which a face was there as one curve, with NaN between them: a plot for each takes minutes."""
    gap_s = max(GAP_S, 1.5 * period_s, (times[-1] - times[0]) / MOST_GAPS)  # finer ones could not be seen
    curve_at: list[NDArray[Any]] = []
    curve: list[NDArray[Any]] = []
    for piece in np.split(np.arange(len(times)), np.flatnonzero(np.diff(times) > gap_s) + 1):
        at, heights = _thinned(times[piece], scores[piece])
        if period_s or len(at) == 1:  # a single frame still shows
            at, heights = np.append(at, at[-1] + (period_s or 0.04)), np.concatenate([heights, heights[-1:]])
        curve_at.append(np.append(at, at[-1]))
        curve.append(np.concatenate([heights, np.full((1, heights.shape[1]), np.nan)]))
    return np.concatenate(curve_at), np.concatenate(curve)


def _thinned(times: NDArray[np.float64], scores: NDArray[np.float32]) -> tuple[NDArray[Any], NDArray[Any]]:
    """At most ``MOST_POINTS`` points, each the mean of its neighbours."""
    if len(times) <= MOST_POINTS:
        return times, scores
    groups = np.array_split(np.arange(len(times)), MOST_POINTS)
    return np.array([times[group].mean() for group in groups]), np.stack(
        [scores[group].mean(axis=0) for group in groups]
    )


def _draw_legend(figure: Any) -> None:
    from matplotlib.patches import Patch

    patches = [Patch(color=_rgb(emotion), label=label) for emotion, label in zip(Emotion, LABELS, strict=True)]
    figure.legend(handles=patches, loc="outside lower center", ncols=len(LABELS), frameon=False, fontsize=9)


def _rgb(emotion: Emotion) -> tuple[float, float, float]:
    blue, green, red = emotion.colour
    return red / 255, green / 255, blue / 255
