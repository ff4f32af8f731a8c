"""Runs a model with ONNX Runtime."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..card import ATTENTION, METADATA_KEY, SCORES, VALENCE_AROUSAL, ModelCard
from ..emotions import LABELS
from ..errors import ModelError
from ..model_file import read_model_file
from ..providers import CPU
from ..runtime import SHARED_MEMORY, onnxruntime

logger = logging.getLogger(__name__)

_QUIET = 4  # ONNX Runtime logs nothing: what fails is raised as well, and becomes one line


class Backend(Protocol):
    """What every back end offers: a card, the provider that really runs, and a run over a prepared batch."""

    card: ModelCard
    provider: str
    outputs: tuple[str, ...]  # what it can give: scores, and perhaps valence_arousal and attention

    def run(self, pixels: NDArray[np.float32], outputs: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """``(n, channels, size, size)`` -> the ``outputs`` by name."""


class OnnxBackend:
    """An ONNX Runtime session on a model file with a card."""

    def __init__(self, path: Path, *, provider: str = CPU, threads: int = 0) -> None:
        """Open the file.

        Args:
            path: the .onnx file.
            provider: ONNX Runtime's name of what runs it.
            threads: threads within one run; 0 lets ONNX Runtime choose.

        Raises:
            ModelError: the file is missing, damaged, holds what affectcam does not run, is without a card, with other
                labels or shapes, or does not run on that provider.
        """
        content = read_model_file(path)  # what was checked is what is run, whatever becomes of the file
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _QUIET
        options.intra_op_num_threads = threads
        # Waiting threads sleep instead of spinning: the rest of a call needs the cores as well.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.load_model_format", "ONNX")
        options.add_session_config_entry(*SHARED_MEMORY)
        wanted = [provider] if provider != CPU and provider in available_providers() else []
        try:
            self._session: Any = onnxruntime.InferenceSession(
                content,
                sess_options=options,
                providers=[*wanted, CPU],
                enable_fallback=len(wanted),  # else a file that fails is tried twice, and that is printed
            )
        except Exception as error:  # ONNX Runtime's exceptions have no common public base but Exception
            reason = " ".join(str(error).split())[:160]
            raise ModelError(f"{path}: not a readable ONNX model ({reason}); export or download it again") from None
        # get_providers() says what the session really runs on; get_available_providers() overstates.
        self._path = path
        self.provider: str = self._session.get_providers()[0]
        if self.provider != provider:
            raise ModelError(
                f"{path}: the installed ONNX Runtime does not run it on {provider} "
                f"(it has {', '.join(available_providers())})"
            )
        self.card = self._read_card(path)
        self._check_shapes(path)
        self._input: str = self._session.get_inputs()[0].name
        self.outputs: tuple[str, ...] = tuple(output.name for output in self._session.get_outputs())
        self._only_what_is_asked = onnxruntime.RunOptions()
        self._only_what_is_asked.only_execute_path_to_fetches = True

    def run(self, pixels: NDArray[np.float32], outputs: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """``(n, channels, size, size)`` float32 -> the ``outputs`` by name; no others are computed.

        Raises:
            ModelError: the graph fails on such a batch.
        """
        try:
            values = self._session.run(list(outputs), {self._input: pixels}, self._only_what_is_asked)
        except Exception as error:  # as above
            reason = " ".join(str(error).split())[:160]
            raise ModelError(f"{self._path}: fails on {len(pixels)} face(s) ({reason}); export it again") from None
        return dict(zip(outputs, values, strict=True))

    def _read_card(self, path: Path) -> ModelCard:
        text = self._session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
        if text is None:
            raise ModelError(
                f"{path}: no affectcam model card in this file; export it with `python -m training.run export`"
            )
        return ModelCard.from_json(text, origin=str(path))

    def _check_shapes(self, path: Path) -> None:
        inputs, outputs = self._session.get_inputs(), {out.name: out for out in self._session.get_outputs()}
        expected = [self.card.channels, self.card.input_size, self.card.input_size]
        if len(inputs) != 1 or list(inputs[0].shape[1:]) != expected or inputs[0].type != "tensor(float)":
            shown = [(item.shape, item.type) for item in inputs]
            raise ModelError(f"{path}: its input is {shown}, the card says one of float (n, {expected})")
        scores = outputs.get(SCORES)
        if scores is None or list(scores.shape[1:]) != [len(LABELS)]:
            shapes = {name: item.shape for name, item in outputs.items()}
            raise ModelError(f"{path}: its outputs are {shapes}, expected one called scores of (n, {len(LABELS)})")
        both = outputs.get(VALENCE_AROUSAL)
        if both is not None and list(both.shape[1:]) != [2]:
            raise ModelError(f"{path}: its output valence_arousal is {both.shape}, expected (n, 2)")
        if (both is not None) != (self.card.valence_arousal == "learned"):
            raise ModelError(
                f"{path}: the card says that valence and arousal are {self.card.valence_arousal}, "
                f"its outputs are {', '.join(outputs)}; export it again"
            )
        places = outputs.get(ATTENTION)
        if places is not None and not _is_map(places.shape, self.card.input_size):
            raise ModelError(
                f"{path}: its output attention is {places.shape}, expected (n, h, w) of at most {self.card.input_size} "
                "places a side"
            )
        fixed = [item.shape[0] for item in (inputs[0], scores) if isinstance(item.shape[0], int)]
        if fixed:
            raise ModelError(f"{path}: takes {fixed[0]} face(s) at a time only; export it with a free batch size")


def available_providers() -> list[str]:
    """What the installed build of ONNX Runtime has; whether it runs here only a session shows."""
    return list(onnxruntime.get_available_providers())


def version() -> str:
    """ONNX Runtime's."""
    return str(onnxruntime.__version__)


def _is_map(shape: Sequence[int | str | None], most: int) -> bool:
    """A free number of faces, then two known sides, none finer than the input."""
    return len(shape) == 3 and all(isinstance(side, int) and 1 <= side <= most for side in shape[1:])
