"""The measurement of FER2013's crop: known geometry in, the same numbers out."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from model.preprocess import CropGeometry, crop
from training.crop_geometry import Spread, main, read_some

FACE_BOX = (172.0, 67.0, 275.0, 170.0)  # the detector's, in the astronaut's picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four 48x48 pictures of one face, cut with a known geometry, and mirrored."""
    astronaut = np.ascontiguousarray(skimage.data.astronaut()[:, :, ::-1])
    for name, scale in (("a", 1.3), ("b", 1.4), ("c", 1.5), ("d", 1.4)):
        square = crop(astronaut, FACE_BOX, CropGeometry(scale=scale, shift_x=0.05, shift_y=-0.1))
        grey = cv2.cvtColor(cv2.resize(square, (48, 48), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
        cv2.imwrite(str(tmp_path / f"{name}.png"), grey)
    return tmp_path


def test_a_known_geometry_is_measured(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder), "--json"]) == 0

    measured = json.loads(capsys.readouterr().out)
    assert (measured["pictures"], measured["found"]) == (4, 4)
    assert measured["scale"]["median"] == pytest.approx(1.4, rel=0.08)
    assert measured["shift_x"]["median"] == pytest.approx(0.05, abs=0.05)
    assert measured["shift_y"]["median"] == pytest.approx(-0.1, abs=0.06)
    assert abs(measured["roll_degrees"]["median"]) < 10


def test_the_table_names_each_measure(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder), "--count", "2"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "one face found in 2 of 2 pictures (100.0%)"
    assert [line.split()[0] for line in lines[2:6]] == ["scale", "shift_x", "shift_y", "roll_degrees"]


def test_the_draw_repeats(folder: Path) -> None:
    first, second = read_some(folder, 3), read_some(folder, 3)
    assert len(first) == 3
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


def test_spread_of_known_values() -> None:
    spread = Spread.of(np.arange(101.0))
    assert (spread.median, spread.low, spread.high) == (50.0, 5.0, 95.0)
    assert spread.sigma == pytest.approx(25 * 1.4826)


@pytest.mark.parametrize("content", [None, b"not a picture", "blank"])
def test_bad_input_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | str | None) -> None:
    if content == "blank":
        cv2.imwrite(str(tmp_path / "blank.png"), np.full((48, 48), 90, np.uint8))
    elif isinstance(content, bytes):
        (tmp_path / "broken.png").write_bytes(content)

    assert main([str(tmp_path)]) == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
