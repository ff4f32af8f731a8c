"""The rate and the order of pictures are pure functions of the step and the seed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs its extra")

from training.batches import epoch_order
from training.schedule import rate_at


@given(st.integers(1, 500), st.integers(1, 100), st.floats(1e-5, 1), st.sampled_from(["cosine", "linear"]))
def test_the_rate_rises_to_its_peak_and_falls_to_its_end(total, warmup, peak, schedule):
    warmup = min(warmup, total)
    rates = [
        rate_at(step, total=total, warmup=warmup, peak=peak, final_share=0.01, schedule=schedule)
        for step in range(total + 1)
    ]
    assert rates[warmup - 1] == pytest.approx(peak)
    assert all(a <= b * (1 + 1e-9) for a, b in pairwise(rates[:warmup]))
    assert all(a >= b * (1 - 1e-9) for a, b in pairwise(rates[warmup:]))
    if total > warmup:
        assert rates[-1] == pytest.approx(peak * 0.01)


def test_a_constant_rate_stays_at_its_peak_after_the_warm_up():
    rates = [rate_at(step, total=9, warmup=3, peak=0.6, final_share=0.01, schedule="constant") for step in range(10)]
    assert rates == pytest.approx([0.2, 0.4] + [0.6] * 8)


def test_an_epoch_is_a_permutation_that_depends_on_seed_and_epoch_only():
    labels = np.zeros(100, np.uint8)
    one = epoch_order(labels, seed=1, epoch=3, balance=0)
    assert sorted(one) == list(range(100))
    assert (one == epoch_order(labels, seed=1, epoch=3, balance=0)).all()
    assert (one != epoch_order(labels, seed=1, epoch=4, balance=0)).any()
    assert (one != epoch_order(labels, seed=2, epoch=3, balance=0)).any()


def test_full_balance_draws_rare_classes_as_often_as_common_ones():
    labels = np.array([0] * 9000 + [7] * 1000, np.uint8)
    drawn = labels[epoch_order(labels, seed=1, epoch=0, balance=1.0)]
    assert 0.45 < (drawn == 7).mean() < 0.55
    half = labels[epoch_order(labels, seed=1, epoch=0, balance=0.5)]
    assert 0.2 < (half == 7).mean() < 0.3
