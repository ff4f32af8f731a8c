"""The networks: sizes that are known, inputs of any size, and weights that learn."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the networks need PyTorch (extra train)")

from model.architectures import build  # noqa: E402
from model.errors import ConfigError  # noqa: E402


def parameters(network):
    return sum(value.numel() for value in network.parameters())


def test_new_base_at_224_has_the_reports_linear_layer():
    with torch.device("meta"):
        network = build("new-base", channels=3, input_size=224)
    assert network.classify.in_features == 84_672
    assert round(parameters(network) / 1e6, 1) == 2.4  # as the report says


@pytest.mark.parametrize("size", [44, 48, 64, 97])
def test_new_base_takes_any_input_size(size):
    network = build("new-base", channels=3, input_size=size).eval()
    assert network(torch.zeros(2, 3, size, size)).shape == (2, 8)


def test_too_small_an_input_is_refused():
    with pytest.raises(ConfigError, match=r"new-base.*44 pixels"):
        build("new-base", channels=3, input_size=40)


@pytest.mark.parametrize("size", [32, 48, 65])
def test_compact_takes_any_input_size_and_is_small(size):
    network = build("compact", channels=1, input_size=size).eval()
    assert network(torch.zeros(2, 1, size, size)).shape == (2, 8)
    assert parameters(network) < 1.5e6


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match=r"unknown architecture 'resnet'; known: .*compact"):
        build("resnet", channels=1, input_size=48)
    with pytest.raises(ConfigError, match=r"compact: .*deepness"):
        build("compact", channels=1, input_size=48, deepness=3)


def test_every_weight_of_compact_gets_a_gradient_after_one_step():
    torch.manual_seed(0)
    network = build("compact", channels=1, input_size=16, stem=4, widths=(4, 8), depths=(1, 1))
    step = torch.optim.SGD(network.parameters(), lr=0.1)
    for _ in range(2):  # the blocks' last norms start at zero, so the first step moves only them
        step.zero_grad()
        torch.nn.functional.cross_entropy(network(torch.randn(16, 1, 16, 16)), torch.arange(16) % 8).backward()
        step.step()
    assert all(value.grad is not None and value.grad.abs().sum() > 0 for value in network.parameters())
