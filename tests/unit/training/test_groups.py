"""Figures by group: a table of names, known gaps, and every way in which such a table is wrong."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs its extra")

from model.errors import DataError
from training.group_misses import reach_by_group
from training.groups import by_group
from training.groups_file import match_groups, read_groups
from training.intervals import MISSED


def table(tmp_path, text):
    path = tmp_path / "groups.csv"
    path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    return path


def sure(classes, confidence=1.0):
    scores = np.full((len(classes), 8), (1 - confidence) / 7, np.float32)
    scores[np.arange(len(classes)), classes] = confidence
    return scores


def gap(grouping, measure):
    return next(gap for gap in grouping.gaps if gap.measure == measure)


def two_groups():
    """40 pictures of group a, 90 % right; 50 of b, 60 % right; confidence 0.8 throughout; half neutral, half happy."""
    labels = np.array([0] * 20 + [1] * 20 + [0] * 25 + [1] * 25)
    read = labels.copy()
    read[[0, 20, 21, 22]] = 2  # a: 1 of 20 neutral and 3 of 20 happy are wrong
    read[40:55] = 2  # b: 15 of 25 neutral are wrong
    read[65:70] = 2  # b: 5 of 25 happy are wrong
    return sure(read, 0.8), labels, ["a"] * 40 + ["b"] * 50


def test_each_group_is_judged_by_itself():
    grouping = by_group(*two_groups())
    assert {name: group.figures.count for name, group in grouping.groups.items()} == {"a": 40, "b": 50}
    a, b = grouping.groups["a"], grouping.groups["b"]
    assert (a.figures.accuracy, b.figures.accuracy) == (0.9, 0.6)
    assert a.figures.recall == pytest.approx({"neutral": 0.95, "happiness": 0.85})
    assert a.overconfidence == pytest.approx(-0.1, abs=1e-6)
    assert b.overconfidence == pytest.approx(0.2, abs=1e-6)
    assert b.figures.calibration_error == pytest.approx(0.2, abs=1e-5)
    assert a.intervals.accuracy[0] < 0.9 < a.intervals.accuracy[1]
    assert grouping.without == 0


def test_the_gaps_are_named_with_their_intervals():
    grouping = by_group(*two_groups())
    found = gap(grouping, "accuracy")
    assert (found.higher, found.lower) == ("a", "b")
    assert found.difference == pytest.approx(0.3)
    spread = 1.96 * np.sqrt(0.9 * 0.1 / 40 + 0.6 * 0.4 / 50)
    assert found.interval == pytest.approx((0.3 - spread, 0.3 + spread), abs=0.03)
    assert found.certain
    assert gap(grouping, "mean_recall").difference == pytest.approx(0.9 - 0.6)
    assert gap(grouping, "overconfidence").higher == "b"
    assert gap(grouping, "overconfidence").difference == pytest.approx(0.3, abs=1e-6)
    assert gap(grouping, "overconfidence").interval == pytest.approx((0.3 - spread, 0.3 + spread), abs=0.03)
    assert gap(grouping, "recall of neutral").difference == pytest.approx(0.95 - 0.4)
    assert [each.measure for each in grouping.gaps] == [
        "accuracy",
        "mean_recall",
        "overconfidence",
        "recall of neutral",
        "recall of happiness",
    ]


def test_a_small_group_is_flagged_and_not_compared():
    scores, labels, groups = two_groups()
    groups = [*groups[:60], *["c"] * 29, ""]
    grouping = by_group(scores, labels, groups)
    assert [grouping.groups[name].small for name in "abc"] == [False, True, True]
    assert grouping.gaps == []
    assert grouping.without == 1


def test_mean_recall_is_compared_over_classes_that_both_groups_have():
    # a has neutral alone, all right. b has as many neutral ones, all right, and fear, all wrong.
    labels = np.array([0] * 40 + [0] * 40 + [4] * 40)
    read = np.array([0] * 40 + [0] * 40 + [0] * 40)
    grouping = by_group(sure(read), labels, ["a"] * 40 + ["b"] * 80)
    assert grouping.groups["b"].figures.mean_recall == 0.5
    assert gap(grouping, "mean_recall").difference == 0.0
    assert "recall of fear" not in [each.measure for each in grouping.gaps]


def test_a_class_is_compared_from_ten_pictures_on():
    labels = np.array(([0] * 40 + [1] * 10) + ([0] * 40 + [1] * 9))
    one_less = by_group(sure(labels), labels, ["a"] * 50 + ["b"] * 49)
    assert "recall of happiness" not in [each.measure for each in one_less.gaps]
    labels = np.append(labels, 1)
    enough = by_group(sure(labels), labels, ["a"] * 50 + ["b"] * 50)
    assert gap(enough, "recall of happiness").difference == 0.0
    assert not gap(enough, "recall of happiness").certain


def test_the_furthest_pair_of_several_is_named():
    labels = np.zeros(120, int)
    read = np.array([0] * 36 + [1] * 4 + [0] * 30 + [1] * 10 + [0] * 20 + [1] * 20)
    found = gap(by_group(sure(read), labels, ["x"] * 40 + ["y"] * 40 + ["z"] * 40), "accuracy")
    assert (found.higher, found.lower, found.difference) == ("x", "z", pytest.approx(0.4))


def test_misses_by_group():
    reaches = reach_by_group(["a", "a", "a", "b", ""], [0, 0, 1, 1, 1], [0, MISSED, 0, 1, MISSED])
    assert (reaches["a"].pictures, reaches["a"].misses, reaches["a"].accuracy) == (3, 1, pytest.approx(1 / 3))
    assert reaches["b"].to_dict()["miss_share"] == 0.0
    assert set(reaches) == {"a", "b"}


def test_a_table_with_several_groupings(tmp_path):
    read = read_groups(table(tmp_path, "\ufeffage, name ,gender\n20-29,a.png,f\n\n,b.png,m\n"))
    assert read.columns == ("age", "gender")
    assert read.rows == {"a.png": ("20-29", "f"), "b.png": ("", "m")}


def test_names_are_matched_whole_or_by_their_end(tmp_path):
    names = ["set/x/1.png", "set/y/1.png", "set/y/2.png", "set/y/3.png"]
    text = "name,group\nset/x/1.png,a\ny\\1.png,b\n2.png,c\n1.png,d\ngone.png,e\nfar/away/set/y/3.png,f\n"
    matched = match_groups(read_groups(table(tmp_path, text)), names)
    assert matched.groups == {"group": ["a", "b", "c", "f"]}
    assert matched.found == 4
    assert matched.ambiguous == ["1.png"]
    assert matched.unknown == ["gone.png"]
    assert match_groups(read_groups(table(tmp_path, "name,group\n.png,a\n")), names).found == 0  # no half a name
    assert match_groups(read_groups(table(tmp_path, "name,group\net/y/2.png,a\n")), names).unknown == ["et/y/2.png"]


def test_what_would_move_the_cursor_is_not_kept(tmp_path):
    assert read_groups(table(tmp_path, "name,group\na.png,\x1b[2Jx\n")).rows == {"a.png": ("\ufffd[2Jx",)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ":1: the header is ''"),
        ("name;group\na;b\n", ":1: the header is 'name;group'"),
        ("file,group\na,b\n", ":1: the header is 'file,group'"),
        ("name\na\n", ":1: the header is 'name'"),
        ("name,group,group\na,b,c\n", ":1: the header is 'name,group,group'"),
        ("name,name\na,b\n", ":1: the header is 'name,name'"),
        ("name,group\n", "only a header"),
        ("name,group\na,b\nc\n", ":3: 1 cell(s), expected 2"),
        ("name,group\na,b\n\n,x\n", ":4: no picture name"),
        ("name,group\na,b\nc,d\na,e\n", ":4: a has other groups in line 2"),
        (b"name,group\na,b\n\xff,c\n", ":3: not text in UTF-8"),
        ('name,group\na,b\nc,"d\n', ":3: damaged"),
        ('name,group\na,"b"x\n', ":2: damaged"),
        (
            "name,group\n" + "".join(f"{place}.png,{place}\n" for place in range(101)),
            "'group' has 101 different values",
        ),
    ],
)
def test_a_damaged_table_is_one_line_that_names_the_line(tmp_path, text, expected):
    path = table(tmp_path, text)
    with pytest.raises(DataError) as caught:
        read_groups(path)
    said = str(caught.value)
    assert said.startswith(f"{path}")
    assert expected in said
    assert "\n" not in said


def test_a_missing_table_is_one_line(tmp_path):
    with pytest.raises(DataError, match=r"gone.csv: cannot be read \(No such file"):
        read_groups(tmp_path / "gone.csv")
