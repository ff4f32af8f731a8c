"""ModelCard: what a model is, written into the .onnx file itself, so that weights and meaning never part."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from .emotions import LABELS
from .errors import ModelError

#: Key of the card in the ONNX file's metadata.
METADATA_KEY = "affectcam.card"
CARD_VERSION = 1
MAX_INPUT_SIZE = 1024
#: Added to the name of a model in its int8 version's card and file.
INT8 = "-int8"
#: The end of the name of a figure: percentage points, which :data:`INT8` files have.
LOST_TO_INT8 = "points of accuracy lost to int8"
#: The outputs of a model file, by name; only the first is always there.
SCORES, VALENCE_AROUSAL, ATTENTION = "scores", "valence_arousal", "attention"
_LARGEST, _SMALLEST = 1e9, 1e-6
_MOST_TEXT = 1_000_000  # characters of the whole card; the shipped ones have 3,000
_MOST_OPTION, _MOST_OPTIONS = (
    4096,
    32,
)  # a number's size and a list's length; a card cannot ask for a network of any size

Colour = Literal["gray", "bgr", "rgb"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """Everything that the app must know of a model, and what a user may want to know.

    ``mean`` and ``std`` are per channel, for pixels scaled to [0, 1]. ``figures`` maps a measure's name to its value;
    ``commands`` names how each figure was measured. ``fingerprints`` maps a split that it was made of to the
    condensed set's sha256.
    """

    name: str
    architecture: str
    input_size: int  # pixels, height = width
    colour: Colour
    mean: tuple[float, ...]
    std: tuple[float, ...]
    labels: tuple[str, ...] = LABELS
    architecture_options: dict[str, Any] = field(default_factory=dict)
    temperature: float = 1.0  # softmax(logits / temperature); already inside the graph
    valence_arousal: Literal["learned", "derived"] = "derived"
    precision: Literal["fp32", "fp16", "int8"] = "fp32"
    data: str = ""
    fingerprints: dict[str, str] = field(default_factory=dict)
    made_with: str = ""  # the command that trained it
    licence: str = ""
    created: str = ""  # ISO date
    figures: dict[str, float] = field(default_factory=dict)
    commands: dict[str, str] = field(default_factory=dict)
    notes: str = ""
    version: int = CARD_VERSION

    @property
    def channels(self) -> int:
        """Number of input channels: 1 for grey, 3 for colour."""
        return 1 if self.colour == "gray" else 3

    @property
    def valence_arousal_origin(self) -> str:
        """In words for people, where valence and arousal come from."""
        return "learned by the network" if self.valence_arousal == "learned" else "derived from the scores"

    def to_json(self) -> str:
        """The card as JSON text, keys sorted."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str, *, origin: str) -> ModelCard:
        """Read a card; ``origin`` names the file in errors.

        Raises:
            ModelError: the text is no JSON, a key is missing or has a wrong value, or the labels are not the eight.
        """
        if len(text) > _MOST_TEXT:
            raise ModelError(f"{origin}: the model card has {len(text)} characters; export the model again")
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ModelError(f"{origin}: the model card is not valid JSON ({error}); export the model again") from None
        if not isinstance(raw, dict):
            raise ModelError(f"{origin}: the model card is not a JSON object; export the model again")
        known = {item.name for item in fields(cls)}
        values = {key: value for key, value in raw.items() if key in known}
        for key in ("mean", "std", "labels"):
            if isinstance(values.get(key), list):
                values[key] = tuple(values[key])
        try:
            card = cls(**values)
        except TypeError as error:
            raise ModelError(f"{origin}: the model card is incomplete ({error}); export the model again") from None
        card._check(origin)
        return card

    def _check(self, origin: str) -> None:
        if self.labels != LABELS:
            shown = ", ".join(map(str, self.labels)) if isinstance(self.labels, tuple) else repr(self.labels)
            raise ModelError(
                f"{origin}: the model's labels are [{shown}], expected [{', '.join(LABELS)}] in this order"
            )
        if not isinstance(self.input_size, int) or not 8 <= self.input_size <= MAX_INPUT_SIZE:
            raise ModelError(f"{origin}: input_size is {self.input_size!r}, expected 8 to {MAX_INPUT_SIZE} pixels")
        if self.colour not in ("gray", "bgr", "rgb"):
            raise ModelError(f"{origin}: colour is {self.colour!r}, expected gray, bgr or rgb")
        for key, values in (("mean", self.mean), ("std", self.std)):
            if not isinstance(values, tuple) or len(values) != self.channels or not all(map(_is_number, values)):
                raise ModelError(f"{origin}: {key} is {values!r}, expected {self.channels} number(s), one per channel")
        if any(value < _SMALLEST for value in self.std):
            raise ModelError(f"{origin}: std is {self.std!r}, expected numbers above 0 ({_SMALLEST:g} and more)")
        if not _is_number(self.temperature) or self.temperature < _SMALLEST:
            raise ModelError(
                f"{origin}: temperature is {self.temperature!r}, expected a number above 0 ({_SMALLEST:g} and more)"
            )
        if self.valence_arousal not in ("learned", "derived") or self.precision not in ("fp32", "fp16", "int8"):
            raise ModelError(
                f"{origin}: valence_arousal is {self.valence_arousal!r} and precision {self.precision!r}, "
                "expected learned or derived, and fp32, fp16 or int8"
            )
        if not isinstance(self.version, int) or self.version > CARD_VERSION:
            raise ModelError(f"{origin}: the model card has version {self.version!r}; install a newer affectcam")
        for key, fits in (
            ("figures", _is_number),
            ("commands", _is_text),
            ("fingerprints", _is_text),
            ("architecture_options", _is_option),
        ):
            held = getattr(self, key)
            if not isinstance(held, dict) or not all(map(_is_text, held)) or not all(map(fits, held.values())):
                raise ModelError(f"{origin}: {key} in the model card is {held!r:.80}; export the model again")
        for key in ("name", "architecture", "data", "made_with", "licence", "created", "notes"):
            if not _is_text(getattr(self, key)):
                raise ModelError(f"{origin}: {key} in the model card is not a text; export the model again")


def _is_number(value: object) -> bool:
    """A finite number that arithmetic in float32 survives; JSON as Python reads it also knows NaN and Infinity."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _is_text(value: object) -> bool:
    """A text without what would steer a terminal."""
    return isinstance(value, str) and all(sign.isprintable() or sign in "\n\t" for sign in value)


def _is_option(value: object) -> bool:
    """A plain value that a network may be built with, or a list of such."""
    if isinstance(value, list):
        return len(value) <= _MOST_OPTIONS and all(_is_option(item) and not isinstance(item, list) for item in value)
    return isinstance(value, bool) or _is_text(value) or (_is_number(value) and abs(value) <= _MOST_OPTION)  # type: ignore[arg-type]
