"""What ``affectcam classify`` prints and logs can neither take a terminal over nor give its user away."""

from __future__ import annotations

import subprocess
import sys

import pytest
from skimage.data import astronaut
from video_makers import truncate, write_video

from app.cli import main
from model.emotions import LABELS


@pytest.mark.parametrize("words", [["classify", "a\x1b[2J\x07.mp4"], ["classify", "a.mp4", "--formats", "a\x1b[2J"]])
def test_an_error_cannot_take_the_terminal_over(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(words) in (1, 2)
    assert capsys.readouterr().err.removesuffix("\n").isprintable()


def test_the_log_holds_no_reading_and_no_folder(tmp_path):
    folder = tmp_path / "interviews of ada"
    folder.mkdir()
    truncate(write_video(folder / "talk.mkv", [astronaut()[..., ::-1]] * 30), 0.7)
    words = [
        sys.executable,
        "-m",
        "app",
        "--debug",
        "classify",
        str(folder / "talk.mkv"),
        "--out",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100)
    logged = [line for line in done.stderr.splitlines() if line.startswith(("DEBUG", "INFO", "WARNING", "ERROR"))]
    assert logged
    assert not [line for line in logged if any(label in line for label in LABELS) or "ada" in line]
