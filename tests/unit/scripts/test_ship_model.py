"""An installed model's card names commands that anybody can run: none needs the folder of the run that made it."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnx", reason="comes with the extra train")

from model.classifier import Classifier, installed_models

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "scripts"))


@pytest.mark.parametrize("name", installed_models())
def test_the_shipped_cards_commands_score_the_shipped_file(name):
    card = Classifier.load(name).card
    assert card.commands
    for command in card.commands.values():
        assert command.startswith("python -m training.run evaluate --config training/configs/")
        assert command.endswith(f" --set evaluate.model={name}")


def test_a_runs_own_file_is_named_by_the_installed_one():
    from ship_model import installed_card

    card = dataclasses.replace(
        Classifier.load("compact").card,
        commands={"valid accuracy": "python -m training.run evaluate --config a.toml --runs runs", "other": "measured"},
    )
    assert installed_card(card).commands == {
        "valid accuracy": "python -m training.run evaluate --config a.toml --set evaluate.model=compact",
        "other": "measured",
    }
