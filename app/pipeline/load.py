"""The classifier that a configuration asks for, run in the way that is quickest here."""

from __future__ import annotations

import contextlib

from app.config import ReadingConfig
from app.settings.place import private_folder, settings_folder
from model.classifier import Classifier, find_model
from model.providers import PROVIDERS
from model.quickest import quickest

from .which_model import model_file

#: What was measured; numbers and names of models, nothing else.
MEMORY = "quickest.json"


def load_classifier(config: ReadingConfig, *, as_named: bool = False) -> Classifier:
    """Load it; ``as_named``: which of its files is settled already, perhaps on another machine.

    Raises:
        ModelError: the model cannot be used.
        ConfigError: there is no such back end.
    """
    path = find_model(config.model) if as_named else model_file(config)
    if config.backend != "auto":
        return Classifier.load(path, backend=config.backend, threads=config.threads or 1)
    folder = settings_folder()
    with contextlib.suppress(OSError):  # without a place to remember, it is measured each time
        private_folder(folder)
    way = quickest(path, memory=folder / MEMORY)
    name = next(name for name, provider in PROVIDERS.items() if provider == way.provider)
    return Classifier.load(path, backend=name, threads=config.threads or way.threads)
