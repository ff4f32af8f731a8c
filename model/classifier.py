"""Classifier: square face crops in, eight scores out."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .backends.onnx import Backend, OnnxBackend, available_providers
from .card import ATTENTION, SCORES, VALENCE_AROUSAL, ModelCard
from .emotions import LABELS, derive_valence_arousal
from .errors import ConfigError, ModelError
from .paths import DEFAULT_MODEL, models_folder
from .preprocess import prepare
from .providers import PACKAGES, PROVIDERS

#: What may be asked for; :mod:`model.providers` says what each is.
BACKENDS = ("auto", *PROVIDERS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prediction:
    """What a model says of ``n`` crops."""

    scores: NDArray[np.float32]  # (n, 8), rows sum to 1
    valence_arousal: NDArray[np.float32]  # (n, 2) in [-1, 1]
    attention: NDArray[np.float32] | None = None  # (n, h, w) what each place adds to the winner's logit, if asked for


def find_model(name: str | Path) -> Path:
    """The file of an installed model (``compact``) or a path as it is.

    Raises:
        ModelError: nothing is installed by that name and it is no path of a file.
    """
    path = Path(name)
    # The installed one first: a folder of results called "compact" must not stand in its way; "./compact" is a path.
    if str(name) in (installed := installed_models()):
        return installed[str(name)]
    if path.suffix == ".onnx" or path.is_file():
        return path
    known = ", ".join(installed) or "none"
    raise ModelError(f"{name}: no such model; installed: {known}; or give the path of an .onnx file")


def installed_models() -> dict[str, Path]:
    """The models that ship with affectcam, by name."""
    return {file.stem: file for file in sorted(models_folder().glob("*.onnx"))}


class Classifier:
    """A model ready to read faces."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @classmethod
    def load(cls, name: str | Path = DEFAULT_MODEL, *, backend: str = "auto", threads: int = 0) -> Classifier:
        """Load an installed model by name, or a file by path.

        Args:
            name: ``"compact"``, or the path of an .onnx file with a card.
            backend: ``auto`` takes CUDA when the runtime has it, else the CPU; ``onnx`` is ONNX Runtime on the CPU; the
                others of :data:`BACKENDS` insist on what they name.
            threads: threads within one run on the CPU; 0 lets the runtime choose.

        Raises:
            ModelError: the model cannot be used; the message says why.
            ConfigError: unknown ``backend``.
        """
        if backend not in BACKENDS:
            raise ConfigError(f"unknown backend {backend!r}; known: {', '.join(BACKENDS)}")
        path = find_model(name)
        if backend == "cuda":
            return cls(_open_cuda(path))
        if backend == "auto" and PROVIDERS["cuda"] in available_providers():
            with contextlib.suppress(ModelError):  # offered, but without its hardware or libraries
                return cls(_open(path, "cuda", threads))
        return cls(_open(path, "onnx" if backend == "auto" else backend, threads))

    @property
    def card(self) -> ModelCard:
        """The model's card."""
        return self._backend.card

    @property
    def provider(self) -> str:
        """What the model really runs on, as the runtime reports it."""
        return self._backend.provider

    def predict(self, crops: Sequence[NDArray[np.uint8]] | NDArray[np.uint8]) -> NDArray[np.float32]:
        """Square face crops (BGR or grey uint8, any size) -> scores float32 ``(n, 8)``; rows sum to 1.

        Crops are resized and normalised, no more: their geometry is :func:`model.preprocess.crop`'s.

        Raises:
            ValueError: a crop has another dtype or shape.
            ModelError: the model fails, or gives what are no scores.
        """
        return self._run(crops, [SCORES])[SCORES]

    def read(self, crops: Sequence[NDArray[np.uint8]] | NDArray[np.uint8], *, attention: bool = False) -> Prediction:
        """Like :meth:`predict`, with valence and arousal (learned, or derived from the scores, as the card says).

        ``attention`` adds what each place of the face adds to the logit of its likeliest emotion.

        Raises:
            ModelError: as above, or attention of a model that was exported without.
        """
        wanted = [SCORES, *[VALENCE_AROUSAL] * (VALENCE_AROUSAL in self._backend.outputs)]
        if attention:
            if not self.gives_attention:
                raise ModelError(
                    f"model {self.card.name}: exported without attention; export it again with export.attention=true"
                )
            wanted.append(ATTENTION)
        outputs = self._run(crops, wanted)
        scores, learned = outputs[SCORES], outputs.get(VALENCE_AROUSAL)
        both = derive_valence_arousal(scores) if learned is None else np.clip(np.nan_to_num(learned), -1.0, 1.0)
        return Prediction(scores=scores, valence_arousal=both, attention=outputs.get(ATTENTION))

    @property
    def gives_attention(self) -> bool:
        """Whether :meth:`read` can be asked for attention."""
        return ATTENTION in self._backend.outputs

    def _run(
        self, crops: Sequence[NDArray[np.uint8]] | NDArray[np.uint8], wanted: Sequence[str]
    ) -> dict[str, NDArray[np.float32]]:
        if len(crops) == 0:
            shapes = {SCORES: (0, len(LABELS)), VALENCE_AROUSAL: (0, 2), ATTENTION: (0, 0, 0)}
            return {name: np.zeros(shapes[name], np.float32) for name in wanted}
        outputs = self._backend.run(prepare(crops, self.card), wanted)
        scores = outputs[SCORES]
        # A mean over time keeps a NaN for ever, and a graph that gives logits would be shown as certainty.
        if not (abs(scores.sum(axis=1) - 1.0).max() <= 0.01 and scores.min() >= 0):
            raise ModelError(
                f"model {self.card.name}: its scores are no probabilities (they sum to {scores.sum(axis=1)[0]:.3g}); "
                "the file is damaged, or exported without softmax"
            )
        return outputs


def _open(path: Path, backend: str, threads: int) -> Backend:
    try:
        return OnnxBackend(path, provider=PROVIDERS[backend], threads=threads)
    except ModelError as error:
        if backend == "onnx" or PROVIDERS[backend] in available_providers():
            raise
        raise ModelError(
            f"no {PROVIDERS[backend]} in the installed ONNX Runtime (it has {', '.join(available_providers())}); "
            f"install {PACKAGES[backend]}, or use --backend auto"
        ) from error


def _open_cuda(path: Path) -> Backend:
    """CUDA through ONNX Runtime when its build has it, else through PyTorch."""
    try:
        return _open(path, "cuda", 0)
    except ModelError as without_provider:
        try:
            from .backends.torch_cuda import TorchBackend
        except ImportError:
            raise without_provider from None
        return TorchBackend(path)
