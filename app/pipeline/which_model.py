"""Which file of a model is run: on a processor the int8 one, where one is installed beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.config import ReadingConfig
from model.backends.onnx import available_providers
from model.card import INT8
from model.classifier import find_model, installed_models
from model.providers import CPU, PROVIDERS


def settled(config: ReadingConfig) -> ReadingConfig:
    """``config`` with the model's int8 version, if that is the better choice.

    It is on a processor: it takes half the time there, and an int8 file is installed only if it reads as well
    (docs/decisions/providers.md). What else the runtime has, a graphics card say, is given the exact one; so is
    who names a file by its path. What is chosen depends on what is installed alone, never on a measurement, so that
    the same file gives the same readings each time.
    """
    names = installed_models()
    smaller = f"{config.model}{INT8}"
    if str(config.model) not in names or smaller not in names:
        return config
    alone = not (set(available_providers()) & set(PROVIDERS.values()) - {CPU})
    on_processor = config.backend == "onnx" or (config.backend == "auto" and alone)
    return replace(config, model=smaller) if on_processor else config


def model_file(config: ReadingConfig) -> Path:
    """The file that is run.

    Raises:
        ModelError: there is no such model.
    """
    return find_model(settled(config).model)
