"""A model file that reads bright as happy and dark as sad, and a detector that finds what differs from grey."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from model.card import METADATA_KEY, ModelCard
from model.emotions import Emotion
from model.face import Face

SIDE = 8
GREY = 120


def write_brightness_model(path: Path, *, sharpness=4.0, temperature=1.0, learned=False, shift=0.0) -> Path:
    """Happiness has the logit ``sharpness`` times (mean - 0.5 + shift), sadness minus that, before the temperature.

    With ``learned``, valence is the brightness and arousal its opposite.
    """
    weights, bias = np.zeros((SIDE * SIDE, 8), np.float32), np.full(8, -20, np.float32)
    for emotion, sign in ((Emotion.HAPPINESS, 1), (Emotion.SADNESS, -1)):
        weights[:, emotion] = sign * sharpness / SIDE**2
        bias[emotion] = sign * sharpness * (shift - 0.5)
    both = np.tile(np.float32([[1, -1]]) / SIDE**2, (SIDE * SIDE, 1))
    nodes = [
        helper.make_node("Flatten", ["pixels"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weights", "bias"], ["logits"]),
        helper.make_node("Div", ["logits", "temperature"], ["scaled"]),
        helper.make_node("Softmax", ["scaled"], ["scores"], axis=1),
        *([helper.make_node("MatMul", ["flat", "both"], ["valence_arousal"])] if learned else []),
    ]
    outputs = [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 8])]
    if learned:
        outputs.append(helper.make_tensor_value_info("valence_arousal", TensorProto.FLOAT, ["n", 2]))
    constants = {"weights": weights, "bias": bias, "temperature": np.float32(temperature)}
    if learned:
        constants["both"] = both
    graph = helper.make_graph(
        nodes,
        "brightness",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 1, SIDE, SIDE])],
        outputs,
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    card = ModelCard(
        name="brightness",
        architecture="none",
        input_size=SIDE,
        colour="gray",
        mean=(0.0,),
        std=(1.0,),
        temperature=temperature,
        valence_arousal="learned" if learned else "derived",
    )
    model.metadata_props.add(key=METADATA_KEY, value=card.to_json())
    onnx.save(model, str(path))
    return path


class ContrastDetector:
    """Stands in for the detector: a face is what is bright or dark, side by side ones apart by grey columns."""

    def __init__(self, mode: str = "image") -> None:
        assert mode == "image"

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        pass

    def detect(self, frame) -> list[Face]:
        differs = np.abs(frame.mean(axis=2) - GREY) > 40
        columns = np.flatnonzero(differs.any(axis=0))
        faces = []
        for run in np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1):
            if len(run):
                rows = np.flatnonzero(differs[:, run].any(axis=1))
                box = (float(run[0]), float(rows[0]), float(run[-1] + 1), float(rows[-1] + 1))
                faces.append(Face(box=box, score=0.9, keypoints=np.zeros((6, 2), np.float32)))
        return faces


def photograph(*squares, side=60):
    """A grey picture ``(side, side)`` with squares, each ``(centre_x, centre_y, side, level)``."""
    picture = np.full((side, side), GREY, np.uint8)
    for x, y, size, level in squares:
        picture[y - size // 2 : y - size // 2 + size, x - size // 2 : x - size // 2 + size] = level
    return picture
