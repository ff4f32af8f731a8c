"""Put an exported model among the installed ones, with a card whose commands need no run's folder.

``python scripts/ship_model.py runs/NAME/NAME.onnx`` (needs the extra ``train``): the file and the int8 file beside it
go to ``assets/models`` under the names in their cards, and the hashes are listed anew.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from list_hashes import write_list

from model.backends.onnx import OnnxBackend
from model.card import INT8, ModelCard
from model.export import rewrite_card
from model.paths import models_folder


def installed_card(card: ModelCard) -> ModelCard:
    """The card with commands that score the installed file of its name."""
    commands = {key: _command(command, card.name) for key, command in card.commands.items()}
    return dataclasses.replace(card, commands=commands)


def _command(command: str, name: str) -> str:
    config = re.search(r"--config \S+", command)
    if config is None:
        return command
    return f"python -m training.run evaluate {config[0]} --set evaluate.model={name}"


def main() -> None:
    """Copy, and say where to."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    exact = Path(sys.argv[1])
    for file in (exact, exact.with_name(f"{exact.stem}{INT8}.onnx")):
        if file.is_file():
            card = OnnxBackend(file).card
            place = models_folder() / f"{card.name}.onnx"
            if place.resolve() != file.resolve():
                shutil.copyfile(file, place)
            write_list()  # the copy is refused until its hash is listed
            rewrite_card(place, installed_card(card))
            print(place)
    write_list()


if __name__ == "__main__":
    main()
