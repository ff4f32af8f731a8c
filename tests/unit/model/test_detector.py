"""FaceDetector on a real face (NASA's picture of Eileen Collins, public domain): near, far, none, and odd input."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from model.blazeface import BlazeFace
from model.boxes import overlap
from model.detector import FaceDetector
from model.errors import ModelError
from model.face import Face
from model.paths import assets_folder

Pixels = NDArray[np.uint8]

FACE_BOX = (172.0, 67.0, 275.0, 170.0)  # in the astronaut's picture, looked at by a person


@pytest.fixture(scope="module")
def astronaut() -> Pixels:
    return np.ascontiguousarray(skimage.data.astronaut()[:, :, ::-1])


@pytest.fixture(scope="module")
def detector() -> Iterator[FaceDetector]:
    with FaceDetector(mode="image") as detector:
        yield detector


def only(faces: list[Face]) -> Face:
    assert len(faces) == 1
    return faces[0]


def on_canvas(picture: Pixels, border: float) -> Pixels:
    sides = (round(border * picture.shape[0]),) * 4
    return np.asarray(cv2.copyMakeBorder(picture, *sides, cv2.BORDER_CONSTANT, value=(128, 128, 128)), dtype=np.uint8)


def test_finds_the_one_face_and_its_features(detector: FaceDetector, astronaut: Pixels) -> None:
    face = only(detector.detect(astronaut))

    assert overlap(face.box, FACE_BOX) > 0.9
    assert face.score > 0.8
    right_eye, left_eye, nose, mouth, right_ear, left_ear = face.keypoints
    assert face.keypoints.shape == (6, 2)
    assert face.keypoints.dtype == np.float32
    assert right_ear[0] < right_eye[0] < nose[0] < left_eye[0] < left_ear[0]  # its right is on the picture's left
    assert right_eye[1] < nose[1] < mouth[1]


@pytest.mark.parametrize("size", [0.1, 0.3, 1.7, 4.5])
def test_box_scales_with_the_picture(detector: FaceDetector, astronaut: Pixels, size: float) -> None:
    picture = cv2.resize(astronaut, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)

    face = only(detector.detect(np.asarray(picture, dtype=np.uint8)))

    assert overlap(tuple(value / size for value in face.box), FACE_BOX) > 0.85  # type: ignore[arg-type]


@pytest.mark.parametrize("border", [0.0, 0.25, 0.5, 1.5, 3.0])
def test_finds_a_face_once_from_near_to_far(detector: FaceDetector, astronaut: Pixels, border: float) -> None:
    head = astronaut[30:210, 130:310]  # half of its width is face

    face = only(detector.detect(on_canvas(head, border)))

    x_min, y_min, x_max, y_max = (value - round(border * 180) for value in face.box)
    assert overlap((x_min + 130, y_min + 30, x_max + 130, y_max + 30), FACE_BOX) > 0.6


def test_first_frame_of_a_video_shows_a_near_face(astronaut: Pixels) -> None:
    with FaceDetector() as detector:
        assert len(detector.detect(on_canvas(astronaut[30:210, 130:310], 0.1), 0.0)) == 1


def test_two_faces_are_two(detector: FaceDetector, astronaut: Pixels) -> None:
    pair = np.hstack([astronaut[:300, 60:360], astronaut[:300, 360:60:-1]])

    faces = detector.detect(np.ascontiguousarray(pair))

    centres = sorted((face.box[0] + face.box[2]) / 2 for face in faces)
    assert centres == pytest.approx([163, 437], abs=15)


def test_both_networks_frame_a_face_alike(astronaut: Pixels) -> None:
    boxes = []
    for reach in ("far", "near"):
        network = BlazeFace(reach, min_score=0.5, video=False, folder=assets_folder())
        boxes.append(only(network.find(np.ascontiguousarray(astronaut[:300, 80:380, ::-1]))).box)
        network.close()

    assert overlap(*boxes) > 0.85


@pytest.mark.parametrize(
    "shape",
    [
        *((1, 1), (3, 7), (2, 2000), (479, 641)),
        *(pytest.param(thin, marks=pytest.mark.slow) for thin in ((1, 40_000), (40_000, 1))),
    ],
)
def test_no_face_where_there_is_none(detector: FaceDetector, shape: tuple[int, int]) -> None:
    assert detector.detect(np.full((*shape, 3), 128, np.uint8)) == []
    assert detector.detect(np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)) == []


def test_a_tilted_face_that_fills_a_single_picture_is_seen_with_a_border(
    detector: FaceDetector, astronaut: Pixels
) -> None:
    around = astronaut[24:183, 156:315]  # the face and 40 pixels more on each side, which the turning uses up
    turned = cv2.warpAffine(around, cv2.getRotationMatrix2D((79.5, 79.5), 35, 1), (159, 159))
    picture = np.ascontiguousarray(turned[40:-40, 40:-40], dtype=np.uint8)
    with FaceDetector() as video:
        assert video.detect(picture) == []  # a frame without a face costs no second try

    face = only(detector.detect(picture))

    assert overlap(face.box, (-5.0, 5.0, 85.0, 90.0)) > 0.6


def test_the_border_brings_no_small_faces(detector: FaceDetector) -> None:
    rocket = np.ascontiguousarray(skimage.data.rocket()[:, :, ::-1])
    rng = np.random.default_rng(0)
    for _ in range(12):
        side = int(rng.integers(60, 400))
        top, left = (int(rng.integers(0, most - side + 1)) for most in rocket.shape[:2])
        assert detector.detect(np.ascontiguousarray(rocket[top : top + side, left : left + side])) == []


def test_odd_size_and_a_view_that_is_not_contiguous(detector: FaceDetector, astronaut: Pixels) -> None:
    assert overlap(only(detector.detect(astronaut[:401, :355])).box, FACE_BOX) > 0.85


def test_times_that_do_not_rise_do_no_harm(astronaut: Pixels) -> None:
    times = (0.0, 0.0, -5.0, 1.0, 1.0, 0.5, math.nan, math.inf, -math.inf, 1e300, 2.0)
    with FaceDetector() as detector:
        assert [len(detector.detect(astronaut, time_s)) for time_s in times] == [1] * len(times)


def test_size_may_change_within_a_video(astronaut: Pixels) -> None:
    with FaceDetector() as detector:
        for index, width in enumerate((512, 100, 1024)):
            assert len(detector.detect(np.asarray(cv2.resize(astronaut, (width, width))), index / 30)) == 1


def test_the_frame_is_left_as_it_was(detector: FaceDetector, astronaut: Pixels) -> None:
    frame = astronaut.copy()
    detector.detect(frame)
    assert np.array_equal(frame, astronaut)


def test_close_may_be_called_twice() -> None:
    detector = FaceDetector()
    detector.close()
    detector.close()


def test_a_detector_that_nobody_closed_ends_without_complaint(project_root: Path) -> None:
    words = "from model.detector import FaceDetector; detector = FaceDetector()"
    done = subprocess.run([sys.executable, "-c", words], cwd=project_root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_start_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    FaceDetector().close()
    assert capfd.readouterr() == ("", "")


def test_a_missing_network_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"face_detection_full_range_sparse\.tflite.*missing.*install") as caught:
        FaceDetector(assets=tmp_path)
    assert "\n" not in str(caught.value)


def test_a_damaged_network_is_said_in_one_line(tmp_path: Path) -> None:
    for path in assets_folder().glob("*.tflite"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "face_detection_short_range.tflite").write_bytes(b"not a network")

    with pytest.raises(ModelError, match=r"face_detection_short_range\.tflite.*install") as caught:
        FaceDetector(assets=tmp_path)
    assert "\n" not in str(caught.value)
