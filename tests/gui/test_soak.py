"""Ten minutes in a call, with settings being changed every second: no failure, no growth, no missed tick."""

from __future__ import annotations

import itertools
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pyvirtualcam.camera
from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from window_helpers import RecordingBridge, dialogs, labelled

from app.gui.application import follow_theme
from app.gui.main_window import MainWindow, State

OpenWindow = Callable[..., tuple[MainWindow, RecordingBridge]]
SECONDS = float(os.environ.get("AFFECTCAM_SOAK_S", "600"))
WARM_UP_S = 60.0
PERIOD_S = 1 / 30

# What is changed, one a second, round and round; lengths without a common factor, so that the pairs differ.
CHANGES = (
    [{"style": style} for style in ("label", "bars", "emoji", "none", "box")],
    [{"palette": palette} for palette in ("okabe-ito", "tol-bright", "white", "standard")],
    [{"text_scale": scale} for scale in (0.5, 2.5, 1.0)],
    [{"numbers": corner, "attention": corner != "off"} for corner in ("top-left", "bottom-right", "off")],
    [{"mirror_output": on, "badge": on} for on in (True, False)],
    [{"smoothing_s": seconds, "faces": faces} for seconds, faces in ((0.0, "all"), (2.0, "main"), (0.35, "all"))],
    [{"model": model} for model in ("new-base-int8", "compact")],
    [{"chart": chart, "theme": theme} for chart, theme in (("valence-arousal", "dark"), ("expressions", "light"))],
)


class CountingCamera:
    """A back end that keeps when each picture came, and nothing of it."""

    times: list[float] = []  # noqa: RUF012 - a test's own, cleared there

    def __init__(self, *, width: int, height: int, fps: float, fourcc: int, device: str | None) -> None:
        self.bytes = width * height * 3

    def send(self, frame: np.ndarray) -> None:
        assert frame.size == self.bytes
        CountingCamera.times.append(time.monotonic())

    def close(self) -> None:
        pass

    def device(self) -> str:
        return "Counter"

    def native_fourcc(self) -> int | None:
        return None


def resident_mb() -> float:
    """The memory of this process that is in use."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 120)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_long_call_in_which_everything_is_changed(
    open_window: OpenWindow,
    qtbot: QtBot,
    qapp: QApplication,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    pyvirtualcam.register_backend("counter", CountingCamera)
    CountingCamera.times = []
    window, bridge = open_window(model="compact")
    follow_theme(qapp, window.keeper)
    window.start_on("demo")
    window.actions_["camera"].trigger()
    qtbot.waitUntil(lambda: bool(labelled(bridge)) and len(CountingCamera.times) > 30, timeout=60_000)
    rounds = [itertools.cycle(group) for group in CHANGES]
    turns = itertools.cycle(range(len(CHANGES)))
    toggles = itertools.cycle(("hide", "hide", "pause", "pause", "freeze", "freeze"))
    memory: list[tuple[float, float]] = []
    started = time.monotonic()
    CountingCamera.times = []
    troubles: list[str] = []
    bridge.trouble.connect(troubles.append)

    def change() -> None:
        group = next(turns)
        window.keeper.take(replace(window.keeper.settings, **next(rounds[group])))
        if group == 0:
            window.actions_[next(toggles)].trigger()
        memory.append((time.monotonic() - started, resident_mb()))

    timer = QTimer()
    timer.timeout.connect(change)
    timer.start(1000)
    qtbot.waitUntil(lambda: time.monotonic() - started > SECONDS, timeout=round(1000 * SECONDS) + 60_000)
    timer.stop()

    gaps = np.diff(CountingCamera.times)
    on_time = float((gaps <= 1.5 * PERIOD_S).mean())
    warm = [use for at, use in memory if at >= min(WARM_UP_S, SECONDS / 2)]
    # What it settles at, against what it began with: medians, since a change of model holds two for a moment.
    early, late = np.median(warm[:20]), np.median(warm[-20:])
    figures = (
        f"{len(gaps)} ticks in {SECONDS:g} s, {100 * on_time:.2f} % on time, longest gap {1000 * gaps.max():.0f} ms; "
        f"memory {early:.0f} MB after the warm-up, {late:.0f} MB at the end, at most {max(warm):.0f} MB"
    )
    record_property("figures", figures)
    sys.stderr.write(f"{figures}\n")
    assert not troubles
    assert not dialogs(window)
    assert window.state is State.RUNNING
    assert len(gaps) >= 0.99 * SECONDS / PERIOD_S
    assert on_time >= 0.99
    assert late <= 1.05 * early
