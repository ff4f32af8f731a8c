"""Which part of a picture is stored: all of it, the data set's box, or the face that the app's detector finds."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs its extra")

from model.detector import FaceDetector
from model.emotions import Emotion
from model.errors import DataError
from model.face import Face
from model.main_face import main_face
from model.preprocess import crop, resize_crop
from training.data.condense import condense
from training.data.faces import FaceCutter, Faces, default_faces
from training.data.sample import Sample, Split, one_hot


def face_at(x_min, y_min, side):
    return Face(box=(x_min, y_min, x_min + side, y_min + side), score=0.9, keypoints=np.zeros((6, 2), np.float32))


def sample(name, pixels, box=None):
    read = partial(np.asarray, pixels)
    return Sample(name=name, label=Emotion.NEUTRAL, target=one_hot(Emotion.NEUTRAL), read=read, box=box)


@pytest.fixture(scope="module")
def astronaut():
    data = pytest.importorskip("skimage.data")
    return np.ascontiguousarray(data.astronaut()[..., ::-1])


def test_the_largest_face_is_the_one_unless_it_is_at_the_edge():
    small, large, edge = face_at(42, 42, 15), face_at(30, 30, 30), face_at(-10, -10, 20)
    assert main_face([small, large, edge], (100, 100)) is large
    assert main_face([edge, small], (100, 100)) is small
    assert main_face([], (100, 100)) is None


def test_of_several_faces_the_one_in_the_data_sets_box_counts():
    left, right = face_at(0, 0, 50), face_at(70, 70, 20)
    assert main_face([left, right], (100, 100), (65, 65, 95, 95)) is right
    assert main_face([left], (100, 100), (65, 65, 95, 95)) is None


def test_a_box_is_cut_as_it_is_and_repeats_the_edge():
    rows = np.arange(40, dtype=np.uint8)[:, None].repeat(40, axis=1)
    with FaceCutter(Faces.BOX) as cutter:
        assert np.array_equal(cutter.cut(rows, (5, 10, 15, 20)), rows[10:20, 5:15])
        assert cutter.cut(rows, (0, 35, 10, 45))[:, 0].tolist() == [35, 36, 37, 38, 39, 39, 39, 39, 39, 39]
        with pytest.raises(DataError, match="no box of its own"):
            cutter.cut(rows, None)


def test_boxes_are_used_where_the_data_have_them(tmp_path):
    pixels = np.zeros((40, 40), np.uint8)
    pixels[10:20, 5:15] = 200
    split = Split("train", [sample("a", pixels, (5.0, 10.0, 15.0, 20.0)), sample("b", pixels)])
    assert default_faces(split) is Faces.BOX
    assert default_faces(split.samples[1:]) is Faces.WHOLE
    made = condense(split, tmp_path / "train", size=10, channels=1, source="made")
    assert (made.take(np.array([0])) == 200).all()
    assert made.index["skipped"] == ["b: no box of its own"]
    assert made.index["faces"] == "box"
    whole = condense(split, tmp_path / "train", size=10, channels=1, source="made", faces=Faces.WHOLE)
    assert len(whole) == 2
    assert whole.take(np.array([0])).mean() < 50


def test_the_detectors_face_is_cut_as_the_app_cuts_it(tmp_path, astronaut):
    blank = np.full((200, 200, 3), 90, np.uint8)
    split = Split("train", [sample("blank.png", blank), sample("face.png", astronaut)])
    made = condense(split, tmp_path / "train", size=64, channels=3, source="made", faces=Faces.DETECTOR)
    assert made.index["skipped"] == ["blank.png: no face found"]
    assert made.index["no_face"] == 1
    assert made.names == ("face.png",)
    with FaceDetector(mode="image") as detector:
        (face,) = detector.detect(astronaut)
    assert np.array_equal(made.take(np.array([0]))[0], resize_crop(crop(astronaut, face.box), 64))
