"""The model that reads in the window: loaded when it is chosen, kept where another one cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.settings import Settings
from model.errors import AffectcamError

from . import words
from .listener import Listener
from .shelf import Shelf
from .states import Reader

if TYPE_CHECKING:  # it brings ONNX Runtime
    from model.classifier import Classifier


class ChosenModel:
    """Used in the session's thread alone."""

    def __init__(self, listener: Listener, keep: Callable[[str, str], None]) -> None:
        """Nothing is loaded yet.

        Args:
            listener: told which model reads, and what was refused.
            keep: takes the model and the back end that stay chosen where others were refused.
        """
        self._listener, self._keep = listener, keep
        self._shelf = Shelf()
        self._loaded = ("", "")  # the model and back end that it was loaded for
        self.classifier: Classifier | None = None  # what was loaded last

    def ready(self, settings: Settings) -> Classifier:
        """The model that ``settings`` choose; where it cannot be loaded, the one before goes on.

        Raises:
            ModelError: there is none before.
        """
        wanted = (settings.model, settings.backend)
        if self.classifier is not None and self._loaded == wanted:
            return self.classifier
        try:
            classifier = self._shelf.take(settings.reading)
        except AffectcamError as error:
            if self.classifier is None:
                raise
            model, backend = self._loaded
            self._keep(model, backend)
            self._listener.on_refused("model", model)
            self._listener.on_refused("backend", backend)
            self._listener.on_trouble(words.refused_model(wanted[0], words.one_line(error)))
            return self.classifier
        self.classifier, self._loaded = classifier, wanted
        self.tell(settings)
        return classifier

    def tell(self, settings: Settings) -> None:
        """Tell what reads, if anything was loaded."""
        reader = self.classifier
        if reader is None:
            return
        try:
            from app.pipeline.which_model import model_file

            size = model_file(settings.reading).stat().st_size
        except (AffectcamError, OSError):
            size = None
        self._listener.on_reader(
            Reader(card=reader.card, file_bytes=size, provider=reader.provider, gives_attention=reader.gives_attention)
        )
