"""Two tiny models, exported once for all tests that read one: PyTorch's exporter takes seconds for each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from model.architectures import Network, build
from model.card import ModelCard
from model.export import export

OPTIONS = {"stem": 4, "widths": [8, 8], "depths": [1, 1]}
CARD = ModelCard(
    name="tiny",
    architecture="compact",
    architecture_options=OPTIONS,
    input_size=16,
    colour="gray",
    mean=(0.5,),
    std=(0.25,),
    temperature=1.3,
)


def network_of(card: ModelCard) -> Network:
    """A card's network, the same each time, as after training: no norm leaves things as they are."""
    torch.manual_seed(1)
    network = build(
        card.architecture,
        channels=1,
        input_size=card.input_size,
        valence_arousal=card.valence_arousal == "learned",
        **card.architecture_options,
    )
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(layer.weight, 0.5, 1.5)
            torch.nn.init.uniform_(layer.running_var, 0.5, 1.5)
            torch.nn.init.normal_(layer.running_mean)
    return network.eval()


def export_both(folder: Path) -> dict[str, Path]:
    """A file with scores alone, called derived, and one with all three outputs, called learned."""
    files = {}
    for said in ("derived", "learned"):
        card = replace(CARD, valence_arousal=said)
        files[said] = folder / said / "tiny.onnx"
        files[said].parent.mkdir()
        assert export(network_of(card), card, files[said], attention=said == "learned") <= 1e-4
    return files
