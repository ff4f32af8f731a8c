"""End to end: faces found and missed, ideal crops, and what lies between; a detector of contrast stands in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs its extra")

from brightness_model import ContrastDetector, photograph, write_brightness_model

from model.classifier import Classifier
from model.emotions import Emotion
from model.errors import ConfigError, DataError
from training.data.sample import Sample, Split, one_hot
from training.end_to_end import end_to_end
from training.ideal_crop import ideal_boxes
from training.photographs import open_photographs, parse_photographs

HAPPY, SAD = Emotion.HAPPINESS, Emotion.SADNESS
BRIGHT, DARK = 250, 10
MIDDLE = (30, 30, 20)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    return Classifier.load(write_brightness_model(tmp_path_factory.mktemp("model") / "m.onnx"), threads=1)


def sample(label, picture, *, name="p", box=None, group=""):
    def read():
        if picture is None:
            raise DataError(f"{name}: not a readable 8-bit picture")
        return picture

    return Sample(name=name, label=label, target=one_hot(label), read=read, box=box, group=group)


def run(classifier, *samples, **options):
    return end_to_end(classifier, Split("all", list(samples)), ContrastDetector(), **options)


def test_misses_are_counted_and_wrong(classifier):
    bright, dark = photograph((*MIDDLE, BRIGHT)), photograph((*MIDDLE, DARK))
    nothing = photograph()
    found = run(
        classifier,
        *[sample(HAPPY, bright)] * 6,
        *[sample(SAD, dark)] * 2,
        sample(HAPPY, nothing),
        sample(HAPPY, nothing),
    )
    assert (found.pictures, found.misses, found.several_faces) == (10, 2, 0)
    assert found.missed["happiness"] == 2
    assert sum(found.missed.values()) == 2
    assert (found.found.count, found.found.accuracy) == (8, 1.0)
    assert found.accuracy == pytest.approx(0.8)
    assert found.mean_recall == pytest.approx((6 / 8 + 1) / 2)
    assert found.intervals.accuracy[0] < 0.8 < found.intervals.accuracy[1] <= 1.0
    assert found.to_dict()["miss_share"] == pytest.approx(0.2)


def test_the_main_face_of_several_is_read(classifier):
    two = photograph((30, 30, 20, BRIGHT), (6, 30, 8, DARK))
    found = run(classifier, sample(HAPPY, two), sample(HAPPY, two))
    assert (found.several_faces, found.accuracy) == (2, 1.0)


def test_the_ideal_square_of_centred_photographs_is_the_median_box(classifier):
    # In one photograph a bright thing beside the face, with a hat on, is taken for the face: 40 pixels across.
    faces = [sample(SAD, photograph((*MIDDLE, DARK)))] * 9
    wrong = photograph((30, 30, 20, DARK))
    wrong[2:58, 42:58] = BRIGHT
    found = run(classifier, *faces, sample(SAD, wrong))
    assert found.compared is not None
    assert found.compared.ideal.square == pytest.approx((0.5, 0.5, 1 / 3))
    assert found.found.accuracy == pytest.approx(0.9)
    assert found.compared.figures.accuracy == 1.0
    assert found.compared.accuracy == pytest.approx(-0.1)
    assert found.compared.accuracy_where_found == pytest.approx(-0.1)
    low, high = found.compared.accuracy_interval
    assert low < -0.1 < high <= 0.0


def test_the_difference_tells_misses_from_wrong_boxes(classifier):
    # The missed face is there, too pale for the detector, and an ideal crop reads it.
    pale = photograph((*MIDDLE, 150))
    found = run(classifier, *[sample(HAPPY, photograph((*MIDDLE, BRIGHT)))] * 3, sample(HAPPY, pale))
    assert found.misses == 1
    assert found.compared is not None
    assert found.compared.figures.accuracy == 1.0
    assert found.compared.accuracy == pytest.approx(-0.25)
    assert found.compared.accuracy_where_found == 0.0
    assert found.compared.figures_where_found.count == 3


def test_photographs_that_are_not_centred_have_no_ideal(classifier):
    places = [(15, 15), (45, 15), (15, 45), (45, 45), (30, 30)]
    found = run(classifier, *[sample(HAPPY, photograph((x, y, 16, BRIGHT))) for x, y in places])
    assert found.accuracy == 1.0
    assert found.compared is None
    assert "not centred on the face" in found.no_ideal
    assert found.to_dict()["ideal"] is None


def test_the_data_sets_own_boxes_are_ideal_wherever_they_are(classifier):
    def at(x, y):
        picture = photograph((x, y, 10, BRIGHT))  # read whole, it would be sad: most of it is grey
        return sample(HAPPY, picture, box=(x - 5.0, y - 5.0, x + 5.0, y + 5.0))

    found = run(classifier, at(15, 15), at(45, 15), at(15, 45), sample(SAD, photograph(), box=(0.0, 0.0, 9.0, 9.0)))
    assert found.compared is not None
    assert found.compared.figures.recall == {"happiness": 1.0, "sadness": 1.0}  # a grey of 120 is read as sad
    assert found.compared.ideal.square is None


def test_with_a_box_of_its_own_the_labelled_face_counts_not_the_main_one(classifier):
    two = photograph((30, 30, 20, BRIGHT), (6, 30, 8, DARK))
    found = run(
        classifier, sample(SAD, two, box=(2.0, 26.0, 10.0, 34.0)), sample(HAPPY, two, box=(40.0, 0.0, 59.0, 9.0))
    )
    assert found.found.recall == {"sadness": 1.0}
    assert found.misses == 1  # there are faces, but not there


def test_unreadable_photographs_are_listed_and_count_for_nothing(classifier):
    done = []
    good = sample(HAPPY, photograph((*MIDDLE, BRIGHT)))
    found = run(classifier, good, sample(HAPPY, None, name="broken.jpg"), good, batch_size=1, tick=done.append)
    assert found.pictures == 2
    assert found.unreadable == ["broken.jpg: not a readable 8-bit picture"]
    assert done == [1, 2, 3]


@pytest.mark.parametrize("pictures", [[], [photograph()], [None]])
def test_no_face_at_all_is_an_error(classifier, pictures):
    with pytest.raises(DataError, match="no face found in any of"):
        run(classifier, *[sample(HAPPY, picture) for picture in pictures])


def test_colour_photographs_are_read_as_grey_ones_are(classifier):
    grey = photograph((*MIDDLE, BRIGHT))
    colour = np.stack([grey] * 3, axis=2)
    assert run(classifier, sample(HAPPY, colour)).accuracy == run(classifier, sample(HAPPY, grey)).accuracy == 1.0


boxes = st.tuples(st.floats(0, 600), st.floats(0, 400), st.floats(1, 300), st.floats(1, 300)).map(
    lambda at: (at[0], at[1], at[0] + at[2], at[1] + at[3])
)


@settings(max_examples=50, deadline=None)
@given(
    st.floats(0.3, 0.7), st.floats(0.3, 0.7), st.floats(0.1, 1.2), st.sampled_from([(100, 100), (160, 90), (50, 200)])
)
def test_the_fixed_square_is_where_all_boxes_are(x, y, side, size):
    width, height = size
    half = side * min(size) / 2
    box = (x * width - half, y * height - half, x * width + half, y * height + half)
    ideal, _ = ideal_boxes([sample(HAPPY, photograph())] * 3, [box, None, box], [size] * 3)
    assert ideal is not None
    assert ideal.square == pytest.approx((x, y, side))
    assert all(each == pytest.approx(box, abs=1e-6) for each in ideal.boxes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("folder:faces.zip", ("folder", "faces.zip", "")),
        ("folder:faces.zip:test", ("folder", "faces.zip", "test")),
        ("folder:C:\\faces", ("folder", "C:\\faces", "")),
        ("ferplus:a:b:valid", ("ferplus", "a:b", "valid")),
    ],
)
def test_photographs_are_named_by_kind_path_and_split(text, expected):
    asked = parse_photographs(text)
    assert (asked.kind, str(asked.path), asked.split) == expected


@pytest.mark.parametrize("text", ["faces.zip", "folder:", "folder", "nobody:faces.zip", ":faces.zip", "folder::test"])
def test_a_wrong_name_of_photographs_is_one_line(text):
    with pytest.raises(ConfigError, match="expected KIND:PATH or KIND:PATH:SPLIT") as caught:
        parse_photographs(text)
    assert "\n" not in str(caught.value)


def test_a_held_out_split_is_of_other_persons_and_the_same_again(tmp_path):
    import cv2

    for number in range(60):
        folder = tmp_path / "faces" / ("happiness" if number % 2 else "sadness")
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"Person{number // 2}_000{1 + number % 2}.png"), np.zeros((4, 4), np.uint8))
    asked = parse_photographs(f"folder:{tmp_path / 'faces'}")
    whole = open_photographs(asked)
    test = open_photographs(parse_photographs(f"folder:{tmp_path / 'faces'}:test"))
    again = open_photographs(parse_photographs(f"folder:{tmp_path / 'faces'}:test"))
    assert len(whole) == 60
    assert 0 < len(test) < 30
    assert [each.name for each in test] == [each.name for each in again]
    persons = {each.group for each in test}
    assert sum(each.group in persons for each in whole) == len(test)


def test_photographs_that_are_not_there_are_one_line(tmp_path):
    with pytest.raises(DataError, match=r"no such folder or \.zip"):
        open_photographs(parse_photographs(f"folder:{tmp_path / 'gone.zip'}"))


@pytest.mark.slow
def test_real_photographs_with_the_real_detector(shared_folder):
    from model.detector import FaceDetector

    pack = shared_folder / "data" / "lfw-expressions.zip"
    if not pack.is_file():
        pytest.skip("../shared/data/lfw-expressions.zip is not there")
    whole = open_photographs(parse_photographs(f"folder:{pack}"))
    some = Split("some", whole.samples[::40])
    with FaceDetector(mode="image") as detector:
        found = end_to_end(Classifier.load("compact", threads=1), some, detector)
    assert found.pictures == len(some)
    assert found.misses <= 0.04 * found.pictures
    assert found.accuracy >= 0.8
    assert found.compared is not None
    assert found.compared.ideal.square == pytest.approx((0.5, 0.56, 0.89), abs=0.03)
    assert abs(found.compared.accuracy_where_found) < 0.04
