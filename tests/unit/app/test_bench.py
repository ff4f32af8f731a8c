"""``affectcam bench``: percentiles, a yardstick that is New-Base, and the command from end to end."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bench.clip import SIZE, enlarged
from app.bench.stages import STAGES
from app.bench.timing import Timing, percentile
from app.bench.yardstick import Yardstick
from app.cli import main
from model.runtime import onnxruntime

pytestmark = pytest.mark.alone


@given(st.lists(st.floats(0, 10), min_size=1, max_size=300), st.floats(0.1, 100))
def test_a_percentile_is_a_value_that_enough_do_not_exceed(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= len(values) * share / 100 - 1e-6
    assert sum(value < found for value in values) < len(values) * share / 100 + 1e-6


def test_nothing_measured_is_no_error() -> None:
    assert (Timing().median, Timing().late, percentile([], 50)) == (0, 0, 0)


def test_the_clip_has_the_size_of_a_call_and_the_face_in_the_middle() -> None:
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:, 30:34] = 255
    large = enlarged(pixels)
    assert large.shape == (SIZE[1], SIZE[0], 3)
    bright = np.flatnonzero(large[360, :, 0] > 128)
    assert (bright[0] + bright[-1]) / 2 == pytest.approx(SIZE[0] / 2, abs=2)


def test_the_yardstick_costs_what_new_base_costs(new_base_224: Path) -> None:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(new_base_224), options)
    pixels = np.zeros((1, 3, 224, 224), np.float32)
    session.run(None, {"pixels": pixels})
    yardstick, real = Yardstick(), []
    for _ in range(7):  # in turn, as a shared machine changes its speed
        yardstick.measure(1)
        started = time.perf_counter()
        session.run(None, {"pixels": pixels})
        real.append(time.perf_counter() - started)
    assert min(yardstick.timing.seconds) == pytest.approx(min(real), rel=0.25)
    assert statistics.median(yardstick.timing.seconds) == pytest.approx(statistics.median(real), rel=0.4)


def test_the_command_gives_every_figure_as_json(project_root: Path) -> None:
    words = ["bench", "--frames", "20", "--seconds", "1.5", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "app", *words],
        cwd=project_root,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert tuple(found["stages"]) == STAGES
    assert found["faces"] == 20
    assert found["size"] == list(SIZE)
    for figures in (*found["stages"].values(), found["live"]["latency"]):
        assert 0 < figures["median"]["ms"] <= figures["percentile_99"]["ms"]
        assert figures["median"]["of_yardstick"] == pytest.approx(
            figures["median"]["ms"] / found["yardstick_ms"], rel=0.02, abs=2e-5
        )
    assert found["classify_csv"]["frames"] == found["classify_csv_mp4"]["frames"] == 20
    assert found["classify_csv"]["per_frame"]["ms"] * found["classify_csv"]["frames_per_second"] == pytest.approx(
        1000, rel=0.02
    )
    assert 0 < found["live"]["sent_per_second"] < 1.5 * found["live"]["fps"]


def test_a_source_that_is_no_video_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "no.mp4"
    path.write_text("no video")
    assert main(["bench", "--source", str(path), "--frames", "20", "--seconds", "1"]) == 1
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert str(path) in said.err
    assert said.out == ""
