"""What can be watched while a network learns: TensorBoard, and how the readings of a fixed set of pictures change."""

from __future__ import annotations

import json
import logging
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.architectures import Network
from model.emotions import LABELS

from .config import Config
from .log import read_log
from .network import normalise
from .objective import EMOTIONS
from .pictures.attention import draw_attention, winners_shares
from .pictures.feature_maps import feature_maps_of
from .pictures.filters import filters_of
from .pictures.readings import choose_places, draw_readings
from .pictures.tiles import Picture, grid

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

    from .data.condense import CondensedSet

logger = logging.getLogger(__name__)

READINGS = "readings.jsonl"
TENSORBOARD = "tensorboard"

_INSIDE_TIMES = 12  # how often in a run filters, feature maps and attention are drawn
_ATTENTION_PICTURES = 8


class Watcher:
    """Writes ``tensorboard/`` and ``readings.jsonl`` beside a run's log; never stops a training."""

    def __init__(self, folder: Path, config: Config, valid_set: CondensedSet, *, resume_epoch: int = 0) -> None:
        """Choose the pictures and drop what was written of epochs that will be done again.

        Args:
            folder: of the training, ``runs/NAME/train``.
            config: the run; ``report.pictures`` says how many pictures are watched.
            valid_set: where they come from.
            resume_epoch: epochs that are done and stay.
        """
        self._folder, self._config = folder, config
        self._places = choose_places(valid_set.labels, config.report.pictures)
        self._labels = valid_set.labels[self._places]
        self._pixels = valid_set.take(self._places) if len(self._places) else None
        names = getattr(valid_set, "names", None)
        self._names = [str(names[place]) if names else "" for place in self._places]
        self._writer: SummaryWriter | None = None
        self._drawn = resume_epoch > 0  # the graph and the pictures themselves
        self._warned = False
        self._attempt(lambda: self._drop_readings(resume_epoch))
        self._attempt(lambda: self._open(resume_epoch))

    def after_validation(
        self, epoch: int, row: dict[str, Any], outputs: Tensor, network: Network | None = None
    ) -> None:
        """Note a validation.

        Args:
            epoch: the first one is 1.
            row: the log's; everything numeric becomes a scalar in TensorBoard.
            outputs: of the whole validation split, ``(N, 8 or 10)``, on the CPU.
            network: what gave them, in evaluation mode; its filters, feature maps and attention are drawn now and then.
        """
        scores = torch.softmax(outputs[self._places, :EMOTIONS].float(), dim=1).numpy()
        self._attempt(lambda: self._note_readings(epoch, scores))
        self._attempt(lambda: self._note_figures(epoch, row, scores))
        if network is not None:
            self._attempt(lambda: self._draw_inside(epoch, network))

    def close(self) -> None:
        """Write what is left; more than once does no harm."""
        writer, self._writer = self._writer, None
        if writer is not None:
            self._attempt(writer.close)

    def _attempt(self, task: Callable[[], None]) -> None:
        """Hours of training are worth more than a picture: whatever fails here is told once, and the run goes on."""
        try:
            task()
        except Exception as error:
            if not self._warned:
                self._warned = True
                reason = (error.strerror or error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
                logger.warning("%s: TensorBoard and readings are incomplete (%s)", self._folder, reason)

    def _drop_readings(self, resume_epoch: int) -> None:
        path = self._folder / READINGS
        if path.exists():
            kept = [row for row in read_log(path) if isinstance(row.get("epoch"), int) and row["epoch"] <= resume_epoch]
            part = path.with_name(f".{READINGS}.part")
            part.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
            part.replace(path)

    def _open(self, resume_epoch: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        place = self._folder / TENSORBOARD
        earlier = place.is_dir() and any(place.iterdir())
        # TensorBoard hides what an earlier process wrote of epochs that are done again.
        self._writer = SummaryWriter(str(place), purge_step=resume_epoch + 1 if earlier else None, flush_secs=3600)

    def _note_readings(self, epoch: int, scores: NDArray[np.float32]) -> None:
        with (self._folder / READINGS).open("a", encoding="utf-8") as file:
            for place, name, true, score in zip(self._places, self._names, self._labels, scores, strict=True):
                row = {
                    "epoch": epoch,
                    "place": int(place),
                    "name": name,
                    "true": LABELS[true],
                    "label": LABELS[int(score.argmax())],
                    "scores": [round(float(value), 4) for value in score],
                }
                file.write(json.dumps(row) + "\n")

    def _note_figures(self, epoch: int, row: dict[str, Any], scores: NDArray[np.float32]) -> None:
        if self._writer is None:
            return
        for key, value in row.items():
            if key != "epoch" and isinstance(value, int | float) and math.isfinite(value):
                self._writer.add_scalar(key, value, epoch)
        if self._pixels is not None:
            self._show("readings", draw_readings(self._pixels, self._labels, scores), epoch)
        self._writer.flush()

    @torch.inference_mode()
    def _draw_inside(self, epoch: int, network: Network) -> None:
        epochs = self._config.train.epochs
        if self._writer is None or (epoch % max(1, epochs // _INSIDE_TIMES) and epoch != epochs and self._drawn):
            return
        for filters in filters_of(network):
            self._show(f"filters/{filters.layer}", filters.picture, epoch)
        if self._pixels is not None:
            device = next(network.parameters()).device
            pixels = torch.from_numpy(self._pixels[:_ATTENTION_PICTURES]).permute(0, 3, 1, 2).to(device)
            pixels = normalise(pixels.float().div_(255), self._config)
            for stage in feature_maps_of(network, pixels[:1]):
                self._show(f"feature maps/{stage.stage}", stage.picture, epoch)
            shares = winners_shares(network, pixels)
            if shares is not None:
                drawn = [draw_attention(*pair) for pair in zip(self._pixels, shares[1], strict=False)]
                self._show("attention", grid(drawn, columns=8, gap=4), epoch)
            if not self._drawn:
                self._draw_graph(network, pixels[:1])
        self._drawn = True
        self._writer.flush()

    def _draw_graph(self, network: Network, pixels: Tensor) -> None:
        assert self._writer is not None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # TensorBoard's graph needs torch.jit.trace, which is on its way out
            self._writer.add_graph(network, pixels)

    def _show(self, title: str, picture: Picture, epoch: int) -> None:
        assert self._writer is not None
        self._writer.add_image(title, picture[..., ::-1].copy(), epoch, dataformats="HWC")
