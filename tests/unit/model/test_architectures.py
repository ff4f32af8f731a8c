"""The networks: sizes that are known, inputs of any size, and weights that learn."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the networks need PyTorch (extra train)")

from model.architectures import build, contributions, names  # noqa: E402
from model.errors import ConfigError  # noqa: E402


def parameters(network):
    return sum(value.numel() for value in network.parameters())


def test_new_base_at_224_has_the_reports_linear_layer():
    with torch.device("meta"):
        network = build("new-base", channels=3, input_size=224)
    assert network.classify.in_features == 84_672
    assert round(parameters(network) / 1e6, 1) == 2.4  # as the report says


@pytest.mark.parametrize(
    ("name", "options", "sizes"),
    [
        ("basic-1", {}, [8464, 120, 84]),
        ("basic-2", {}, [6400, 512]),
        ("basic-2", {"extra_linear": True}, [6400, 512, 512]),
        ("new-1", {}, [84_672]),
    ],
)
def test_the_reports_networks_have_its_linear_layers_at_224(name, options, sizes):
    with torch.device("meta"):
        network = build(name, channels=3, input_size=224, **options)
    linear = [layer for layer in network.modules() if isinstance(layer, torch.nn.Linear)]
    assert [layer.in_features for layer in linear] == sizes
    assert linear[-1].out_features == 8


@pytest.mark.parametrize("name", ["basic-1", "basic-2", "new-base"])
def test_the_reports_networks_take_any_input_size_from_their_smallest(name):
    smallest = type(build(name, channels=1, input_size=224)).smallest_input()
    assert smallest == {"basic-1": 25, "basic-2": 76, "new-base": 41}[name]
    for size in (smallest, smallest + 5):
        network = build(name, channels=1, input_size=size).eval()
        assert network(torch.zeros(2, 1, size, size)).shape == (2, 8)
    with pytest.raises(ConfigError, match=f"at least {smallest} pixels"):
        build(name, channels=1, input_size=smallest - 1)


@pytest.mark.parametrize(
    ("name", "after"),
    [("basic-1", {}), ("basic-2", {3: 0.5, 4: 0.5}), ("new-1", {1: 0.1, 2: 0.1}), ("new-base", {1: 0.1, 2: 0.1})],
)
def test_dropout_lies_where_the_report_has_it(name, after):
    with torch.device("meta"):
        layers = build(name, channels=3, input_size=224).features
    pools, found = 0, {}
    for layer in layers:
        pools += isinstance(layer, torch.nn.MaxPool2d)
        if isinstance(layer, torch.nn.Dropout):
            found[pools] = layer.p
    assert found == after


def test_basic_2s_dropout_is_an_option():
    network = build("basic-2", channels=1, input_size=80, dropout=0.3)
    assert [layer.p for layer in network.modules() if isinstance(layer, torch.nn.Dropout)] == [0.3, 0.3]


def test_too_small_an_input_is_refused():
    with pytest.raises(ConfigError, match=r"new-base.*41 pixels"):
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


TRIED = {"basic-1": 25, "basic-2": 76, "new-1": 50, "new-base": 50, "compact": 48}


@pytest.mark.parametrize("name", names())
def test_the_valence_and_arousal_head_adds_two_outputs_to_the_last_layer(name):
    network = build(name, channels=1, input_size=TRIED[name], valence_arousal=True).eval()
    assert network(torch.zeros(3, 1, TRIED[name], TRIED[name])).shape == (3, 10)
    assert network.classify.out_features == 10


@pytest.mark.parametrize("valence_arousal", [False, True])
@pytest.mark.parametrize("name", ["compact", "new-1", "new-base"])
def test_contributions_of_all_places_and_the_bias_sum_to_the_logits(name, valence_arousal):
    torch.manual_seed(3)
    size = TRIED[name]
    network = build(name, channels=1, input_size=size, valence_arousal=valence_arousal).eval()
    pixels = torch.randn(4, 1, size, size)
    with torch.inference_mode():
        shares = contributions(network, pixels)
        logits = network(pixels)[:, :8]
        side = network.features_of(pixels).shape[-1]
    assert shares.shape == (4, 8, side, side)
    assert side > 1
    assert torch.allclose(shares.sum(dim=(2, 3)) + network.classify.bias[:8], logits, atol=1e-5)
    assert shares.std(dim=(2, 3)).min() > 0  # places differ


def test_a_place_that_is_blanked_out_takes_its_contribution_with_it():
    torch.manual_seed(3)
    network = build("new-base", channels=1, input_size=50).eval()
    pixels = torch.randn(1, 1, 50, 50)
    with torch.inference_mode():
        shares, features = contributions(network, pixels), network.features_of(pixels)
        blanked = features.clone()
        blanked[:, :, 1, 0] = 0
        change = network.outputs_of(features) - network.outputs_of(blanked)
    assert torch.allclose(change, shares[:, :, 1, 0], atol=1e-6)


@pytest.mark.parametrize("name", ["basic-1", "basic-2"])
def test_contributions_are_refused_where_hidden_layers_make_them_inexact(name):
    network = build(name, channels=1, input_size=TRIED[name]).eval()
    with pytest.raises(ConfigError, match=rf"^{name} has hidden layers .*export.attention=false$"):
        contributions(network, torch.zeros(1, 1, TRIED[name], TRIED[name]))


def test_a_standardised_network_reads_dim_and_bright_alike():
    torch.manual_seed(0)
    network = build("compact", channels=1, input_size=16, widths=[8], depths=[1], stem=4, standardise=True).eval()
    pictures = torch.rand(3, 1, 16, 16)

    def read(light, lift):
        return network((pictures * light + lift - 0.5) / 0.25).detach()

    assert torch.allclose(read(0.4, 0.3), read(1.0, 0.0), atol=0.02)
    assert torch.isfinite(read(0.0, 0.5)).all()  # an even picture


def test_least_contrast_stretches_a_dim_picture_and_leaves_others_alone():
    torch.manual_seed(0)
    options = {"channels": 1, "input_size": 16, "widths": [8], "depths": [1], "stem": 4}
    plain = build("compact", **options).eval()
    stretched = build("compact", **options, least_contrast=0.6).eval()
    stretched.load_state_dict(plain.state_dict())
    pictures = torch.rand(4, 1, 16, 16)  # of a contrast of 0.29 / 0.25 = 1.15

    def off(light):
        wanted = plain((pictures - 0.5) / 0.25)
        return [(each((pictures * light - 0.5) / 0.25) - wanted).abs().max().item() for each in (plain, stretched)]

    assert torch.allclose(stretched((pictures - 0.5) / 0.25), plain((pictures - 0.5) / 0.25), atol=1e-5)
    for light in (0.3, 0.15):
        without, with_it = off(light)
        assert with_it < 0.6 * without
    assert torch.isfinite(stretched(torch.full((1, 1, 16, 16), -2.0))).all()  # an even, black picture


@pytest.mark.parametrize("options", [{"least_contrast": -0.1}, {"least_contrast": 0.5, "standardise": True}])
def test_contradicting_options_of_contrast_are_refused(options):
    with pytest.raises(ConfigError, match="least_contrast"):
        build("compact", channels=1, input_size=16, **options)


def test_the_first_stages_keep_the_full_size_where_they_are_told_to():
    plain = build("compact", channels=1, input_size=32, widths=[8, 16], depths=[1, 1], stem=4)
    fine = build("compact", channels=1, input_size=32, widths=[8, 16], depths=[1, 1], stem=4, full_size=1)
    pixels = torch.rand(1, 1, 32, 32)
    assert plain.features_of(pixels).shape[2:] == (8, 8)
    assert fine.features_of(pixels).shape[2:] == (16, 16)
    assert parameters(plain) == parameters(fine)


@pytest.mark.parametrize("full_size", [-1, 3])
def test_no_more_stages_keep_their_size_than_there_are(full_size):
    with pytest.raises(ConfigError, match="full_size"):
        build("compact", channels=1, input_size=32, widths=[8, 16], depths=[1, 1], full_size=full_size)
