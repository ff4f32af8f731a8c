"""Pictures of networks, on weights and pixels whose outcome is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="training needs its extra")

import cv2  # noqa: E402

from model.architectures import build  # noqa: E402
from training.pictures.attention import draw_attention, winners_shares  # noqa: E402
from training.pictures.feature_maps import feature_maps_of  # noqa: E402
from training.pictures.filters import filters_of  # noqa: E402
from training.pictures.graph import blocks_of  # noqa: E402
from training.pictures.readings import choose_places, draw_readings  # noqa: E402
from training.pictures.tiles import enlarge, grid, heat, signed_to_grey, to_png  # noqa: E402


def small_compact(**options):
    torch.manual_seed(3)
    options = {"stem": 4, "widths": [6, 8], "depths": [1, 1], **options}
    return build("compact", channels=1, input_size=16, **options).eval()


def small_new_base(channels=3):
    torch.manual_seed(3)
    return build("new-base", channels=channels, input_size=44).eval()


# -- tiles


def test_a_grid_puts_tiles_in_rows_and_fills_the_rest():
    tiles = [np.full((2, 3), value, np.uint8) for value in (10, 20, 30)]
    picture = grid(tiles, columns=2, gap=1, between=99)
    assert picture.shape == (5, 7, 3)
    assert picture[:, :, 0].tolist() == [
        [10, 10, 10, 99, 20, 20, 20],
        [10, 10, 10, 99, 20, 20, 20],
        [99] * 7,
        [30, 30, 30, 99, 99, 99, 99],
        [30, 30, 30, 99, 99, 99, 99],
    ]


def test_enlarging_repeats_pixels_and_png_keeps_them():
    picture = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    large = enlarge(picture, 3)
    assert np.array_equal(large[1::3, 1::3], picture)
    assert np.array_equal(large[0:3, 0:3], np.broadcast_to(picture[0, 0], (3, 3, 3)))
    assert np.array_equal(cv2.imdecode(np.frombuffer(to_png(large), np.uint8), cv2.IMREAD_COLOR), large)


def test_signed_values_have_zero_in_the_middle_and_nothing_divides_by_zero():
    assert signed_to_grey(np.array([-2.0, 0.0, 2.0, 5.0], np.float32), 2.0).tolist() == [0, 128, 255, 255]
    assert signed_to_grey(np.zeros(2, np.float32), 0.0).tolist() == [128, 128]
    dark, bright = heat(np.array([[0.0, 3.0]], np.float32), 3.0)[0].astype(int).sum(axis=1)
    assert dark < bright


# -- filters


def test_the_first_layer_is_drawn_as_pictures_the_others_as_slices():
    network = small_new_base()
    first, *others = filters_of(network)
    assert (first.layer, first.size, first.outputs, first.inputs, first.shown_outputs) == ("features.0", 5, 64, 3, 64)
    assert first.picture.shape == (4 * 33 - 3, 16 * 33 - 3, 3)
    assert [item.layer for item in others] == ["features.2", "features.6", "features.8"]
    assert [(item.outputs, item.inputs) for item in others] == [(128, 64), (192, 128), (192, 192)]
    assert all((item.shown_outputs, item.shown_inputs) == (12, 12) for item in others)


def test_a_filter_shows_its_pattern_in_colour():
    network = small_new_base()
    with torch.no_grad():
        weights = network.features[0].weight
        weights.zero_()
        weights[5, 2, :, 0] = 1.0  # red, as channels are BGR, on the left
    picture = filters_of(network)[0].picture
    top, left = 0, 5 * 33
    assert picture[top + 15, left + 2].tolist() == [128, 128, 255]
    assert picture[top + 15, left + 27].tolist() == [128, 128, 128]


def test_the_strongest_slices_come_first_and_convolutions_of_one_pixel_are_left_out():
    network = small_compact()
    layers = [item.layer for item in filters_of(network)]
    assert layers == ["stem.0", "stages.0.body.0", "stages.0.body.3", "stages.1.body.0", "stages.1.body.3"]
    with torch.no_grad():
        weights = dict(network.named_modules())["stages.0.body.0"].weight
        weights.mul_(0.01)
        weights[4, 2] = 1.0
    drawn = filters_of(network)[1].picture
    assert drawn[:12, :12].min() == 255  # filter 4, input 2
    assert drawn[:12, 14:26].max() < 200


# -- feature maps


@pytest.mark.parametrize(
    ("network", "size", "stages"),
    [
        (small_compact(), 16, ["stem", "stages.0", "stages.1"]),
        (small_new_base(1), 44, ["features.1", "features.3", "features.4", "features.7", "features.9", "features.10"]),
    ],
    ids=["compact", "new-base"],
)
def test_feature_maps_are_those_of_each_stage(network, size, stages):
    maps = feature_maps_of(network, torch.randn(1, 1, size, size))
    assert [item.stage for item in maps] == stages
    assert all(0 < item.shown <= min(12, item.channels) for item in maps)
    assert not any(module._forward_hooks for module in network.modules())


def test_a_feature_map_lights_up_where_its_channel_does():
    network = small_compact()
    with torch.no_grad():
        conv = network.stem[0].weight
        conv.zero_()
        conv[2, 0, 1, 1] = 1.0  # channel 2 passes the picture on, the others give nothing
    pixels = torch.zeros(1, 1, 16, 16)
    pixels[0, 0, 3, 12] = 1.0
    stem = feature_maps_of(network, pixels)[0]
    assert (stem.channels, stem.side, stem.shown) == (4, 16, 4)
    lit = np.argwhere(stem.picture.astype(int).sum(axis=2) > 300)
    assert {(top // 3, (left - 2 * 50) // 3) for top, left in lit} == {(3, 12)}


# -- attention


@pytest.mark.parametrize("valence_arousal", [False, True])
def test_the_shares_of_the_winner_sum_to_its_logit(valence_arousal):
    network = build("new-base", channels=1, input_size=50, valence_arousal=valence_arousal).eval()
    pixels = torch.randn(3, 1, 50, 50)
    winners, shares = winners_shares(network, pixels)
    with torch.inference_mode():
        logits = network(pixels)[:, :8]
    assert winners.tolist() == logits.argmax(dim=1).tolist()
    sums = torch.from_numpy(shares.sum(axis=(1, 2))) + network.classify.bias.detach()[winners]
    assert torch.allclose(sums, logits.max(dim=1).values, atol=1e-5)


def test_a_network_with_hidden_layers_has_no_exact_shares():
    assert winners_shares(build("basic-1", channels=1, input_size=48).eval(), torch.zeros(1, 1, 48, 48)) is None


def test_what_spoke_for_the_class_is_red_what_spoke_against_it_blue():
    picture = np.full((8, 8), 128, np.uint8)
    drawn = draw_attention(picture, np.array([[2.0, 0.0], [-1.0, 0.0]], np.float32)).astype(int)
    assert drawn.shape == (8, 8, 3)
    assert drawn[0, 0, 2] - drawn[0, 0, 0] > 60
    assert drawn[7, 0, 0] - drawn[7, 0, 2] > 20
    assert drawn[0, 7].tolist() == drawn[7, 7].tolist() == [128, 128, 128]


# -- graph


def test_the_reports_network_has_the_parameters_and_multiply_adds_that_it_is_known_for():
    with torch.device("meta"):
        network = build("new-base", channels=3, input_size=224)
    blocks = blocks_of(network, channels=3, input_size=224)
    assert [block.title for block in blocks] == [
        *("conv 5×5", "conv 5×5", "pool 3", "conv 5×5", "conv 5×5", "pool 3", "linear"),
    ]
    assert blocks[-2].shape == (192, 21, 21)
    assert blocks[-2].extras == ["dropout 0.1"]
    assert sum(block.parameters for block in blocks) == 2_423_560
    assert sum(block.multiply_adds for block in blocks) == 16_404_005_376


def test_residual_blocks_are_counted_as_wholes_and_the_pooling_is_seen():
    network = small_compact().train()
    blocks = blocks_of(network, channels=1, input_size=16)
    assert [(block.title, block.shape) for block in blocks] == [
        ("conv 3×3", (4, 16, 16)),
        ("residual", (6, 8, 8)),
        ("residual", (8, 4, 4)),
        ("mean over places", (8,)),
        ("linear", (8,)),
    ]
    assert blocks[0].extras == ["norm", "relu"]
    assert sum(block.parameters for block in blocks) == sum(item.numel() for item in network.parameters())
    assert blocks[1].multiply_adds == 8 * 8 * (4 * 6 * 9 + 6 * 6 * 9 + 4 * 6)
    assert network.training
    assert not any(module._forward_hooks for module in network.modules())


# -- readings


@given(
    labels=st.lists(st.integers(0, 7), min_size=1, max_size=60),
    count=st.integers(0, 40),
)
@settings(max_examples=60, deadline=None)
def test_the_chosen_pictures_are_distinct_and_cover_every_class(labels, count):
    labels = np.array(labels, np.uint8)
    places = choose_places(labels, count)
    assert len(places) == len(set(places.tolist())) == min(count, len(labels))
    present = len(np.unique(labels))
    assert len(np.unique(labels[places])) == min(present, len(places))
    assert np.array_equal(places, choose_places(labels, count))


def test_readings_are_framed_by_whether_they_are_right():
    scores = np.full((2, 8), 0.05, np.float32)
    scores[:, 1] = 0.65
    drawn = draw_readings(np.full((2, 48, 48, 1), 90, np.uint8), np.array([1, 6], np.uint8), scores, columns=2)
    right, wrong = drawn[1, 1].astype(int), drawn[1, 127].astype(int)
    assert right[1] > right[2]  # green
    assert wrong[2] > wrong[1]  # red
