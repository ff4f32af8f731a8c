"""The yardstick: the report's New-Base (fp32, 224x224), one face, all cores. Speeds are told as ratios to it."""

from __future__ import annotations

import numpy as np

from model.errors import ModelError
from model.model_file import read_model_file
from model.paths import assets_folder
from model.runtime import onnxruntime

from .timing import Timing

FILE = "yardstick.onnx"  # scripts/make_yardstick.py
_INPUT = (1, 3, 224, 224)
RUNS = 5


class Yardstick:
    """The network, loaded; runs may lie among what is measured, as a machine's speed changes."""

    def __init__(self) -> None:
        """Load it and run it once.

        Raises:
            ModelError: its file is missing or damaged.
        """
        path = assets_folder() / FILE
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                read_model_file(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime's exceptions have no public base
            reason = type(error).__name__
            raise ModelError(f"{path}: the yardstick cannot be loaded ({reason}); install affectcam again") from None
        self._pixels = np.random.default_rng(0).normal(size=_INPUT).astype(np.float32)
        self._run()
        self.timing = Timing()

    def measure(self, runs: int = RUNS) -> None:
        """Run it so many times."""
        for _ in range(runs):
            with self.timing.one():
                self._run()

    def _run(self) -> None:
        self._session.run(None, {self._session.get_inputs()[0].name: self._pixels})
