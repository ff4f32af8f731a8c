"""The loss: hand-computed values, and parts of a batch that add up to the whole."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs its extra")

from training.config import TrainConfig  # noqa: E402
from training.objective import Objective, concordance_loss  # noqa: E402


class Data:
    """Three of four pictures are of the first class."""

    targets = np.eye(8, dtype=np.float32)[[0, 0, 0, 6]]


def objective(*, both=False, **settings):
    return Objective(Data, TrainConfig(**settings), learn_valence_arousal=both, device=torch.device("cpu"))


def targets(*classes, both=(math.nan, math.nan)):
    rows = torch.eye(8)[list(classes)]
    return torch.cat([rows, torch.tensor([both] * len(classes), dtype=torch.float32)], dim=1)


def some(count=6, columns=8):
    return torch.randn(count, columns, generator=torch.Generator().manual_seed(1))


def test_even_logits_cost_the_logarithm_of_eight():
    loss = objective()(torch.zeros(4, 8), targets(0, 1, 2, 3), share=1.0, pictures=4)
    assert loss.item() == pytest.approx(math.log(8))


def test_a_summed_loss_is_the_mean_times_the_pictures():
    mean, summed = (
        objective(loss=kind)(some(), targets(0, 1, 2, 3, 4, 5), share=1.0, pictures=6) for kind in ("mean", "sum")
    )
    assert summed.item() == pytest.approx(6 * mean.item(), rel=1e-6)


@pytest.mark.parametrize("kind", ["mean", "sum"])
def test_the_losses_of_a_batchs_parts_add_up_to_its_own(kind):
    ask, wanted = objective(loss=kind), targets(0, 1, 2, 3, 4, 5)
    whole = ask(some(), wanted, share=1.0, pictures=6)
    parts = sum(ask(some()[a:b], wanted[a:b], share=(b - a) / 6, pictures=6) for a, b in ((0, 2), (2, 6)))
    assert parts.item() == pytest.approx(whole.item(), rel=1e-6)


@pytest.mark.parametrize("kind", ["mean", "sum"])
def test_parts_do_not_multiply_the_second_heads_loss(kind):
    ask, values = objective(both=True, loss=kind), torch.tensor([[0.1, 0.2], [0.5, -0.3], [-0.4, 0.2], [0.0, 0.9]])
    outputs, wanted = some(8, 10), torch.cat([torch.eye(8), torch.cat([values, values])], dim=1)
    outputs = torch.cat([outputs[:4], outputs[:4]])  # alike halves, so that each one's concordance is the whole's
    emotions = targets(0, 1, 2, 3, 0, 1, 2, 3)[:, :8]
    wanted = torch.cat([emotions, wanted[:, 8:]], dim=1)
    whole = ask(outputs, wanted, share=1.0, pictures=8)
    parts = sum(ask(outputs[a:b], wanted[a:b], share=0.5, pictures=8) for a, b in ((0, 4), (4, 8)))
    assert parts.item() == pytest.approx(whole.item(), rel=1e-5)


def test_class_weights_make_rare_classes_weigh_more_and_keep_the_mean():
    ask = objective(class_weights=1.0)
    common, rare = (
        ask(torch.zeros(1, 8), targets(which), share=1.0, pictures=1).item() / math.log(8) for which in (0, 6)
    )
    assert rare / common == pytest.approx(3.0)
    assert (3 * common + rare) / 4 == pytest.approx(1.0)


def test_prior_adjustment_asks_more_of_common_classes():
    plain, adjusted = objective(), objective(prior_adjustment=1.0)
    even = torch.zeros(1, 8)
    assert adjusted(even, targets(0), share=1.0, pictures=1) < plain(even, targets(0), share=1.0, pictures=1)
    assert adjusted(even, targets(6), share=1.0, pictures=1) > adjusted(even, targets(0), share=1.0, pictures=1)


def test_smoothing_and_hard_labels_change_the_distribution_only():
    soft = torch.tensor([[0.6, 0.4, 0, 0, 0, 0, 0, 0, 0.5, -0.5]])
    smoothed = objective(label_smoothing=0.4).soften(soft)
    assert smoothed[0, 0].item() == pytest.approx(0.6 * 0.6 + 0.05)
    assert smoothed[0, :8].sum().item() == pytest.approx(1.0)
    assert smoothed[0, 8:].tolist() == [0.5, -0.5]
    assert objective(soft_labels=False).soften(soft)[0].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0.5, -0.5]


def test_concordance_of_the_same_values_costs_nothing_and_of_opposite_ones_two():
    values = torch.tensor([[0.5, 0.1], [-0.5, 0.3], [0.1, -0.4]])
    values = values - values.mean(dim=0)
    assert concordance_loss(values, values).item() == pytest.approx(0.0, abs=1e-5)
    assert concordance_loss(-values, values).item() == pytest.approx(2.0, abs=1e-5)


def test_pictures_without_valence_and_arousal_are_left_out_of_the_concordance():
    predicted = some(5, 2)
    true = some(5, 2) * 0.5
    with_gap = torch.cat([true, torch.full((1, 2), math.nan)])
    assert concordance_loss(torch.cat([predicted, some(1, 2)]), with_gap).item() == pytest.approx(
        concordance_loss(predicted, true).item(), rel=1e-6
    )
    nothing = concordance_loss(predicted.requires_grad_(), torch.full((5, 2), math.nan))
    nothing.backward()
    assert nothing.item() == 0.0
    assert predicted.grad is not None


def test_the_second_head_is_learned_with_its_weight():
    outputs = torch.cat([torch.zeros(4, 8), some(4, 2)], dim=1)
    wanted = torch.cat([torch.eye(8)[:4], torch.tensor([[0.1, 0.2], [0.5, -0.3], [-0.4, 0.2], [0.0, 0.9]])], dim=1)
    without, with_head = (
        objective(both=True, valence_arousal=weight)(outputs, wanted, share=1.0, pictures=4) for weight in (0.0, 2.0)
    )
    expected = 2 * concordance_loss(torch.tanh(outputs[:, 8:]), wanted[:, 8:])
    assert (with_head - without).item() == pytest.approx(expected.item(), rel=1e-5)
