"""Augmentation: it varies pictures one by one, keeps their range, and is the same again from the same generator."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training needs its extra")

from training.augment import augment, calmed, mix  # noqa: E402
from training.config import AugmentConfig  # noqa: E402
from training.draws import Draws  # noqa: E402

OFF = {"flip": 0.0, "zoom": 0.0, "shift": 0.0, "rotate": 0.0, "shear": 0.0, "gamma": 0.0, "contrast": 0.0}
OFF |= {"blur": 0.0, "noise": 0.0, "erase": 0.0}


def pictures(count=12, size=24):
    return torch.rand(count, 1, size, size, generator=torch.Generator().manual_seed(0))


def draws(seed=0, total=12, mine=slice(None)):
    return Draws(torch.Generator().manual_seed(seed), total, mine)


def varied(pixels, seed=0, **settings):
    return augment(pixels.clone(), AugmentConfig(**(OFF | settings)), draws(seed, len(pixels)))


def test_with_everything_off_nothing_changes():
    assert torch.allclose(varied(pictures()), pictures(), atol=1e-4)


def test_a_sure_flip_mirrors():
    assert torch.allclose(varied(pictures(), flip=1.0), pictures().flip(-1), atol=1e-4)


def test_each_picture_is_moved_in_its_own_way():
    same = pictures(1).expand(8, -1, -1, -1)
    moved = varied(same, rotate=20.0, zoom=0.2, shift=0.1)
    assert all((moved[0] - other).abs().max() > 0.05 for other in moved[1:])


def test_a_shift_is_no_larger_than_asked():
    dot = torch.zeros(200, 1, 41, 41)
    dot[:, :, 20, 20] = 1
    moved = varied(dot, shift=0.1)
    rows, columns = moved.flatten(1).argmax(1) // 41, moved.flatten(1).argmax(1) % 41
    assert (rows - 20).abs().max() <= 5
    assert 3 <= (columns - 20).abs().max() <= 5


def test_the_range_is_kept_with_everything_on():
    settings = AugmentConfig(blur=1.0, noise=1.0, erase=1.0)
    out = augment(pictures(64), settings, draws(3, 64))
    assert out.shape == (64, 1, 24, 24)
    assert 0 <= out.min() <= out.max() <= 1
    assert torch.isfinite(out).all()


def test_the_same_generator_gives_the_same_pictures():
    settings = AugmentConfig()
    once, again, other = (augment(pictures(), settings, draws(s)) for s in (7, 7, 8))
    assert torch.equal(once, again)
    assert not torch.equal(once, other)


def test_erasing_covers_a_rectangle_of_the_promised_size():
    out = varied(torch.full((300, 1, 48, 48), 2.0).clamp(max=1), erase=1.0)
    share = (out != 1).float().mean(dim=(1, 2, 3))
    assert 0.0 < share.max() <= 0.24
    assert share.mean() > 0.03


def test_calm_epochs_halve_everything_but_the_mirroring():
    config = AugmentConfig(rotate=20.0, erase=0.4, flip=0.5)
    assert (calmed(config).rotate, calmed(config).erase, calmed(config).flip) == (10.0, 0.2, 0.5)
    assert config.rotate == 20.0


def test_two_processes_vary_a_batch_as_one_does():
    settings = AugmentConfig(blur=0.5, noise=0.5, erase=0.5)
    whole = augment(pictures(), settings, draws(5))
    halves = [
        augment(pictures()[part], settings, draws(5, 12, part)) for part in (slice(0, None, 2), slice(1, None, 2))
    ]
    assert torch.allclose(whole[0::2], halves[0], atol=1e-6)
    assert torch.allclose(whole[1::2], halves[1], atol=1e-6)


def test_saturation_changes_colours_but_not_their_mean():
    colour = torch.rand(6, 3, 8, 8, generator=torch.Generator().manual_seed(0)) / 2 + 0.25
    out = varied(colour, saturation=0.4)
    assert torch.allclose(out.mean(dim=1), colour.mean(dim=1), atol=1e-3)
    assert (out - colour).abs().max() > 0.01


@pytest.mark.parametrize("kind", ["mixup", "cutmix"])
def test_mixing_keeps_targets_distributions(kind):
    targets = torch.eye(8)
    torch.manual_seed(1)
    mixed, blended = mix(pictures(8), targets, AugmentConfig(**{kind: 1.0}), draws(1, 8))
    assert torch.allclose(blended.sum(dim=1), torch.ones(8))
    assert (blended.max(dim=1).values < 1).all()
    assert not torch.equal(mixed, pictures(8))


def test_without_mixing_nothing_is_mixed():
    pixels, targets = mix(pictures(8), torch.eye(8), AugmentConfig(), draws(1, 8))
    assert torch.equal(pixels, pictures(8))
    assert torch.equal(targets, torch.eye(8))
