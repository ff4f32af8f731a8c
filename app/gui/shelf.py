"""Models that were used a moment ago, ready to be used again: going back and forth costs neither time nor memory."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from app.config import ReadingConfig

if TYPE_CHECKING:
    from model.classifier import Classifier

_MOST = 3


class Shelf:
    """Loads classifiers, and keeps the last few; a file that has changed since is loaded anew."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, int, int], Classifier] = OrderedDict()

    def take(self, config: ReadingConfig) -> Classifier:
        """The classifier that ``config`` asks for.

        Raises:
            ModelError: there is none, or its file is none.
        """
        from app.pipeline.load import load_classifier
        from app.pipeline.which_model import model_file

        path = model_file(config)
        try:
            changed = path.stat().st_mtime_ns
        except OSError:
            changed = 0  # loading it will say what is wrong
        key = (str(path), config.backend, config.threads, changed)
        if key not in self._kept:
            self._kept[key] = load_classifier(config)
        self._kept.move_to_end(key)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return self._kept[key]
