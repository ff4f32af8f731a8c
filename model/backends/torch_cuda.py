"""Runs a model with PyTorch on CUDA: half precision, channels-last, CUDA graphs. Imported only when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..architectures import Network, build
from ..card import ATTENTION
from ..errors import ConfigError, ModelError
from ..exported_weights import read_exported
from ..heads import heads_of
from .cuda_graphs import Replayed

_COUNTERS = "num_batches_tracked"  # of the norms; not in an exported file


class TorchBackend:
    """The card's architecture with the file's weights; an exported file keeps the weights' PyTorch names."""

    def __init__(self, path: Path, *, device: str = "cuda", replay: bool = True) -> None:
        """Load onto ``device``; ``"cpu"`` runs the same code in full precision, for tests.

        Args:
            path: the .onnx file.
            device: PyTorch's name of it.
            replay: on CUDA, run small batches as CUDA graphs.

        Raises:
            ModelError: there is no such device, or the file lacks a card or the weights in PyTorch's names.
        """
        if device.startswith("cuda") and not torch.cuda.is_available():
            raise ModelError(f"{path}: no CUDA device that PyTorch can use; use --backend auto")
        self.card, exported, outputs = read_exported(path)
        try:
            with torch.device("meta"):  # no room is made for it before it is known that the file fills it
                planned = self._build()
            fits = all(
                name in exported and exported[name].shape == value.shape
                for name, value in planned.state_dict().items()
                if not name.endswith(_COUNTERS)
            )
            network = self._build() if fits else planned
        except (ConfigError, TypeError, ValueError, RuntimeError) as error:
            raise ModelError(f"{path}: its card names no network that can be built ({error})") from None
        if not fits:
            raise ModelError(
                f"{path}: its weights do not fit architecture {self.card.architecture} with the card's options; "
                "an int8 file runs with --backend onnx only"
            )
        weights = {name: exported[name] for name in network.state_dict() if not name.endswith(_COUNTERS)}
        network.load_state_dict(weights, strict=False)
        self._device = torch.device(device)
        self._dtype = torch.float16 if self._device.type == "cuda" else torch.float32
        self._heads = heads_of(
            network.eval().to(self._device, self._dtype).to(memory_format=torch.channels_last),
            temperature=self.card.temperature,
            valence_arousal=self.card.valence_arousal == "learned",
            attention=ATTENTION in outputs,
        )
        self.outputs = self._heads.names
        self._give = Replayed(self._heads.give) if replay and self._device.type == "cuda" else self._heads.give
        name = torch.cuda.get_device_name(self._device) if self._device.type == "cuda" else "CPU"
        self.provider = f"PyTorch on {name}"

    def _build(self) -> Network:
        return build(
            self.card.architecture,
            channels=self.card.channels,
            input_size=self.card.input_size,
            valence_arousal=self.card.valence_arousal == "learned",
            **self.card.architecture_options,
        )

    @torch.inference_mode()
    def run(self, pixels: NDArray[np.float32], outputs: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """``(n, channels, size, size)`` float32 -> the ``outputs`` by name; no others are computed."""
        batch = torch.from_numpy(pixels)
        if self._device.type == "cuda":  # half the bytes, from memory that the card fetches by itself
            batch = batch.to(self._dtype).pin_memory()
        batch = batch.to(self._device, self._dtype, non_blocking=True, memory_format=torch.channels_last)
        values = self._give(batch, outputs)
        return {name: value.cpu().numpy() for name, value in zip(outputs, values, strict=True)}
