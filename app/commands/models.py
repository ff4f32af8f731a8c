"""``affectcam models``: the installed models with their cards."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.config import ReadingConfig
from app.pipeline.which_model import settled
from model.classifier import Classifier, installed_models
from model.errors import ModelError
from model.paths import DEFAULT_MODEL


def show_models(*, as_json: bool) -> None:
    """Print every installed model; one that cannot be used is listed with the reason.

    Raises:
        ModelError: none is installed.
    """
    found = installed_models()
    if not found:
        raise ModelError("no model is installed; install affectcam again, or train one with `python -m training.run`")
    cards: list[dict[str, Any]] = []
    console = Console()
    for name, path in found.items():
        try:
            classifier = Classifier.load(path)
        except ModelError as error:
            cards.append({"file": str(path), "error": str(error)})
            if not as_json:
                console.print(f"{name}: cannot be used: {error}", markup=False, style="red")
            continue
        run = settled(ReadingConfig(model=name)).model
        told = {"file": str(path), "provider": classifier.provider, "default": name == DEFAULT_MODEL, "runs": run}
        cards.append({**told, "card": asdict(classifier.card)})
        if not as_json:
            console.print(Text(f"{name} (the default)" if name == DEFAULT_MODEL else name, style="bold"))
            console.print(_table(path, classifier, instead=run if run != name else ""))
    if as_json:
        print(json.dumps(cards, indent=1))  # noqa: T201


def _table(path: Path, classifier: Classifier, *, instead: str) -> Table:
    card = classifier.card
    table = Table(show_header=False, show_edge=False, box=None)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    rows = {
        "file": f"{path} ({path.stat().st_size / 1e6:.1f} MB, {card.precision})",
        "network": f"{card.architecture}, {card.input_size}×{card.input_size} {card.colour}",
        "runs on": classifier.provider,
        "asked for here": f"{instead} is run: quicker, as good; this one by its path" * bool(instead),
        "labels": ", ".join(card.labels),
        "valence, arousal": card.valence_arousal_origin,
        "trained on": card.data,
        "trained with": card.made_with,
        "licence": card.licence,
        "made": card.created,
        "notes": card.notes,
        **{key: f"{value:.4f}   ({card.commands.get(key, '')})" for key, value in card.figures.items()},
    }
    for key, value in rows.items():
        if value:
            table.add_row(key, Text(value))
    return table
