"""Holding out: by person, by name alone, the same everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.emotions import Emotion
from model.errors import ConfigError, DataError
from training.data.hold_out import hold_out
from training.data.sample import Sample, Split, one_hot


def made_split(groups):
    samples = [
        Sample(
            name=f"{place}.png", label=Emotion(place % 8), target=one_hot(Emotion(place % 8)), read=None, group=group
        )
        for place, group in enumerate(groups)
    ]
    return {"train": Split("train", samples, {"labelled none": 2}, ["row 7: broken"])}


def sides(splits):
    return {sample.group: name for name, split in splits.items() for sample in split}


PEOPLE = [f"Person_{number}" for number in range(300)]


def test_persons_stay_on_one_side_and_every_picture_stays_in_the_set():
    held = hold_out(made_split(PEOPLE * 3), valid=0.1, test=0.2)
    groups = {name: {sample.group for sample in split} for name, split in held.items()}
    assert not groups["train"] & groups["valid"]
    assert not groups["train"] & groups["test"]
    assert not groups["valid"] & groups["test"]
    assert sorted(sample.name for split in held.values() for sample in split) == sorted(
        f"{number}.png" for number in range(900)
    )
    assert [held[name].name for name in ("train", "valid", "test")] == ["train", "valid", "test"]
    assert 0.06 < len(groups["valid"]) / 300 < 0.14
    assert 0.14 < len(groups["test"]) / 300 < 0.26


def test_the_same_persons_are_held_out_on_every_machine():
    # Written down once: another hash, or Python's own salted one, would change what every condensed set holds.
    held = hold_out(made_split(PEOPLE[:40]), valid=0.1, test=0.1)
    assert [sample.group for sample in held["valid"]] == [f"Person_{number}" for number in (3, 8, 11, 26, 28, 31)]
    assert [sample.group for sample in held["test"]] == [f"Person_{number}" for number in (4, 6, 20)]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(PEOPLE), min_size=0, max_size=30), st.randoms(use_true_random=False))
def test_neither_order_nor_more_pictures_move_anybody(more, random):
    before = sides(hold_out(made_split(PEOPLE), valid=0.1, test=0.1))
    groups = [*PEOPLE, *more, "Newcomer"]
    random.shuffle(groups)
    after = sides(hold_out(made_split(groups), valid=0.1, test=0.1))
    assert {group: after[group] for group in before} == before


def test_a_larger_share_to_validate_on_keeps_who_was_held_out_and_leaves_the_test_alone():
    small = sides(hold_out(made_split(PEOPLE), valid=0.1, test=0.1))
    large = sides(hold_out(made_split(PEOPLE), valid=0.3, test=0.1))
    assert {group for group, side in small.items() if side == "valid"} < {
        g for g, side in large.items() if side == "valid"
    }
    assert {group for group, side in small.items() if side == "test"} == {
        g for g, side in large.items() if side == "test"
    }


def test_shares_of_zero_leave_everything_as_it_is():
    splits = made_split(PEOPLE)
    assert hold_out(splits, valid=0, test=0) == splits
    assert list(hold_out(splits, valid=0.1, test=0)) == ["train", "valid"]


def test_what_was_dropped_and_skipped_stays_with_the_training_split():
    held = hold_out(made_split(PEOPLE), valid=0.1, test=0)
    assert (held["train"].dropped, held["train"].skipped) == ({"labelled none": 2}, ["row 7: broken"])
    assert (held["valid"].dropped, held["valid"].skipped) == ({}, [])


def test_samples_without_a_group_are_each_their_own():
    held = hold_out(made_split([""] * 200), valid=0.5, test=0)
    assert 60 < len(held["valid"]) < 140


def test_a_split_of_the_data_sets_own_is_never_replaced():
    splits = made_split(PEOPLE) | {"valid": Split("valid", [])}
    with pytest.raises(DataError, match="has a split 'valid' of its own; leave out --valid-share"):
        hold_out(splits, valid=0.1, test=0)
    assert list(hold_out(splits, valid=0, test=0.1)) == ["train", "valid", "test"]


def test_a_data_set_without_a_training_split_has_nothing_to_hold_out_of():
    with pytest.raises(DataError, match="no split 'train' to hold pictures out of; it has: test"):
        hold_out({"test": Split("test", [])}, valid=0.1, test=0)


@pytest.mark.parametrize(("valid", "test"), [(-0.1, 0), (0, -0.1), (0.5, 0.5), (1, 0), (float("nan"), 0)])
def test_shares_that_are_none_are_refused(valid, test):
    with pytest.raises(ConfigError, match="give two from 0 that sum below 1"):
        hold_out(made_split(PEOPLE), valid=valid, test=test)


def test_too_few_persons_for_a_share_are_an_error_that_names_the_largest():
    with pytest.raises(
        DataError, match=r"no picture for .*9 pictures of 1 persons or groups; the largest, 'me', has 9"
    ):
        hold_out(made_split(["me"] * 9), valid=0.1, test=0.1)
