"""``affectcam classify`` on videos that are quicker or larger than calls are."""

from __future__ import annotations

import csv
import subprocess
import sys

import cv2
import pytest
from skimage.data import astronaut
from video_makers import write_video

from app.cli import main


def test_of_a_very_quick_video_no_frame_is_left_out(tmp_path):
    face = cv2.resize(astronaut()[..., ::-1], (256, 256), interpolation=cv2.INTER_AREA)
    write_video(tmp_path / "quick.mp4", [face] * 120, fps=240)
    assert main(["classify", str(tmp_path / "quick.mp4"), "--out", str(tmp_path)]) == 0
    with (tmp_path / "quick.csv").open() as table:
        rows = list(csv.DictReader(table))
    assert [int(row["frame"]) for row in rows] == list(range(120))
    assert [float(row["time_s"]) for row in rows] == [round(place / 240, 6) for place in range(120)]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_8k_video_is_read_within_three_gigabytes(tmp_path):
    face = cv2.resize(astronaut()[..., ::-1], (4320, 4320))
    write_video(tmp_path / "large.mp4", [cv2.copyMakeBorder(face, 0, 0, 0, 3360, cv2.BORDER_REPLICATE)] * 30)
    program = (
        "import sys; from app.bench.peak import peak_megabytes; from app.cli import main; "
        "code = main(sys.argv[1:]); print(peak_megabytes()); sys.exit(code)"
    )
    words = ["classify", str(tmp_path / "large.mp4"), "--out", str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
    assert "30 frames, 1 face, seen in 100.0 % of the frames" in done.stdout
    assert float(done.stdout.splitlines()[-1]) < 3000
