"""From tracked faces to scores: crop, then one batch through the classifier."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from app.types import Frame, Track
from model.classifier import Classifier, Prediction
from model.preprocess import crop
from model.upright import tilt_of

#: Faces per run of the network; bounds the memory when a frame is crowded.
MAX_BATCH = 64


def read_faces(classifier: Classifier, faces: Sequence[tuple[Frame, Track]], *, attention: bool = False) -> Prediction:
    """Scores of all ``faces``, in their order, cut out of their frames; with ``attention``, where they come from."""
    asked = {"attention": True} if attention else {}
    crops = (crop(frame.pixels, track.face.box, tilt=tilt_of(track.face)) for frame, track in faces)
    parts = []
    while batch := list(islice(crops, MAX_BATCH)):
        parts.append(classifier.read(batch, **asked))
    if not parts:
        return classifier.read([], **asked)
    maps = [part.attention for part in parts if part.attention is not None]
    return Prediction(
        scores=np.concatenate([part.scores for part in parts]),
        valence_arousal=np.concatenate([part.valence_arousal for part in parts]),
        attention=np.concatenate(maps) if maps else None,
    )
