"""``affectcam models``: the installed models with their cards."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from model.classifier import Classifier, installed_models
from model.errors import ModelError


def show_models(*, as_json: bool) -> None:
    """Print every installed model; one that cannot be used is listed with the reason.

    Raises:
        ModelError: none is installed.
    """
    found = installed_models()
    if not found:
        raise ModelError("no model is installed; install affectcam again, or train one with `python -m training.run`")
    table = Table("name", "file", "input", "runs on", "measured", "trained on", "licence")
    cards = []
    for name, path in found.items():
        try:
            classifier = Classifier.load(path)
        except ModelError as error:
            table.add_row(name, path.name, "", "", "", f"cannot be used: {error}", "")
            cards.append({"file": str(path), "error": str(error)})
            continue
        card = classifier.card
        size_mb = path.stat().st_size / 1e6
        figures = "\n".join(f"{key} {value:.3f}" for key, value in card.figures.items())
        shape = f"{card.input_size}×{card.input_size} {card.colour}"
        table.add_row(
            name,
            f"{path.name}\n{size_mb:.1f} MB {card.precision}",
            shape,
            classifier.provider,
            figures,
            card.data,
            card.licence,
        )
        cards.append({"file": str(path), "provider": classifier.provider, "card": asdict(card)})
    if as_json:
        print(json.dumps(cards, indent=1))  # noqa: T201
    else:
        Console().print(table)
