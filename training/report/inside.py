"""Pictures of the network and of what it does with pictures of the validation split, ready for the page."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from markupsafe import Markup

from model.architectures import Network
from model.emotions import LABELS
from model.errors import AffectcamError

from ..checkpoint import load_checkpoint
from ..config import Config
from ..data.condense import CondensedSet, open_condensed
from ..load_config import with_settings
from ..network import build_network, load_weights, normalise
from ..pictures.attention import draw_attention, winners_shares
from ..pictures.feature_maps import feature_maps_of
from ..pictures.filters import filters_of
from ..pictures.graph import Block, blocks_of
from ..pictures.readings import choose_places
from ..pictures.tiles import Picture, as_bgr, enlarge, to_png
from .charts import flow, strip
from .words import percent, real, table, text

_MOST_ATTENTION = 8
_THUMBNAIL = 96  # pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A picture with its caption."""

    caption: str
    note: str
    source: str  # data: URI
    width: int  # pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphRow:
    """A block of the network."""

    block: Block
    drawing: Markup
    shape: str
    work: float  # its share of the multiply-adds


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRow:
    """A picture and how it was read over time."""

    picture: str  # data: URI, or nothing where the data set is not there
    name: str
    true: str
    label: str  # the last one
    confidence: str
    right: bool
    strip: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """Everything of a network that can be shown."""

    graph: list[GraphRow] = field(default_factory=list)
    parameters: int = 0
    multiply_adds: int = 0
    filters: list[Shown] = field(default_factory=list)
    maps_of: Shown | None = None
    maps: list[Shown] = field(default_factory=list)
    attention: list[Shown] = field(default_factory=list)
    no_attention: str = ""
    missing: str = ""  # why there is nothing at all


def look_inside(config: Config, folder: Path) -> Inside:
    """Draw the network of ``folder/train/best.pt``; with ``report.pictures`` 0, no picture of the data."""
    try:
        network, config = _trained(config, folder / "train" / "best.pt")
    except AffectcamError as error:
        return Inside(missing=str(error))
    channels = 1 if config.network.colour == "gray" else 3
    blocks = blocks_of(network, channels=channels, input_size=config.network.input_size)
    pictures = _pictures(network, config)
    return Inside(
        graph=_graph(blocks),
        parameters=sum(block.parameters for block in blocks),
        multiply_adds=sum(block.multiply_adds for block in blocks),
        filters=[
            _shown(
                item.layer,
                f"{item.outputs} filters of {item.size}×{item.size}"
                + (f" on {item.inputs} inputs; {item.shown_outputs}×{item.shown_inputs} shown" if place else ""),
                item.picture,
            )
            for place, item in enumerate(filters_of(network))
        ],
        **pictures,
    )


def reading_rows(config: Config, readings: Sequence[dict[str, Any]]) -> list[ReadingRow]:
    """The watched pictures, in the data set's order of classes, with a strip of their readings."""
    by_place: dict[int, list[dict[str, Any]]] = {}
    for row in readings:
        place = real(row.get("place"))
        if place is not None and row.get("label") in LABELS and row.get("true") in LABELS:
            by_place.setdefault(int(place), []).append(row)
    data = _open(config)
    out = []
    for place, each in by_place.items():
        last = each[-1]
        out.append(
            ReadingRow(
                picture=_thumbnail(data.take(np.array([place]))[0]) if data and 0 <= place < len(data) else "",
                name=text(last.get("name")),
                true=last["true"],
                label=last["label"],
                confidence=percent(_confidence(last), 0),
                right=last["label"] == last["true"],
                strip=strip([_bar(row) for row in each]),
            )
        )
    return sorted(out, key=lambda row: LABELS.index(row.true))


def _trained(config: Config, path: Path) -> tuple[Network, Config]:
    """The network of a checkpoint, built as the checkpoint says: a search may have chosen other settings."""
    state = load_checkpoint(path)
    theirs = table(table(state.get("config")).get("network"))
    config = with_settings(config, {f"network.{key}": value for key, value in theirs.items()}, str(path))
    network = build_network(config)
    load_weights(network, state, "averaged", config, path)
    return network.eval(), config  # type: ignore[return-value]


def _graph(blocks: list[Block]) -> list[GraphRow]:
    total = sum(block.multiply_adds for block in blocks) or 1
    widest = max(np.log2(block.shape[0] + 1) for block in blocks)
    out = []
    for place, block in enumerate(blocks):
        drawing = flow(
            breadth=float(np.log2(block.shape[0] + 1) / widest),
            kind=block.title.split()[0],
            first=place == 0,
            last=place == len(blocks) - 1,
        )
        shape = " × ".join(map(str, block.shape))
        out.append(GraphRow(block=block, drawing=drawing, shape=shape, work=block.multiply_adds / total))
    return out


def _pictures(network: Network, config: Config) -> dict[str, Any]:
    data = _open(config)
    if data is None:
        return {}
    places = choose_places(data.labels, config.report.pictures)
    pictures = data.take(places)
    pixels = normalise(torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(255), config)
    expressive = int(np.flatnonzero(data.labels[places] == data.labels[places].max())[0]) if len(places) > 1 else 0
    found: dict[str, Any] = {
        "maps_of": Shown(caption="the picture", note="", source=_thumbnail(pictures[expressive]), width=_THUMBNAIL),
        "maps": [
            _shown(item.stage, f"{item.shown} of {item.channels} channels, {item.side}×{item.side}", item.picture)
            for item in feature_maps_of(network, pixels[expressive : expressive + 1])
        ],
    }
    shares = winners_shares(network, pixels)
    if shares is None:
        return {
            **found,
            "no_attention": "Layers that are not linear stand behind its feature map, so no exact share exists.",
        }
    if shares[1][0].size == 1:
        return {
            **found,
            "no_attention": "At this input size its last feature map is a single place: there is no where.",
        }
    spread = np.linspace(0, len(places) - 1, min(_MOST_ATTENTION, len(places))).round().astype(int)
    found["attention"] = [
        _shown(
            f"read as {LABELS[shares[0][place]]}",
            f"is {LABELS[data.labels[places[place]]]}",
            np.concatenate(
                [_large(pictures[place]), _large(draw_attention(pictures[place], shares[1][place]))], axis=1
            ),
        )
        for place in spread
    ]
    return found


def _open(config: Config) -> CondensedSet | None:
    """The validation split, where it is there and pictures of it are wanted."""
    if not config.report.pictures:
        return None
    try:
        return open_condensed(Path(config.data.root) / config.data.valid, verify=False)
    except AffectcamError:
        return None


def _large(picture: Picture) -> Picture:
    """About 96 pixels: small pictures by whole factors, so that their pixels stay what they are."""
    side = picture.shape[0]
    if side <= _THUMBNAIL:
        return enlarge(as_bgr(picture), max(1, _THUMBNAIL // side))
    small = cv2.resize(as_bgr(picture), (_THUMBNAIL, _THUMBNAIL), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def _thumbnail(picture: Picture) -> str:
    done, encoded = cv2.imencode(".jpg", _large(picture), [cv2.IMWRITE_JPEG_QUALITY, 88])
    assert done
    return "data:image/jpeg;base64," + base64.b64encode(bytes(encoded)).decode()


def _shown(caption: str, note: str, picture: Picture) -> Shown:
    source = "data:image/png;base64," + base64.b64encode(to_png(picture)).decode()
    return Shown(caption=caption, note=note, source=source, width=picture.shape[1])


def _confidence(row: dict[str, Any]) -> float:
    scores = row.get("scores")
    known = [real(value) or 0.0 for value in scores] if isinstance(scores, list) else []
    return max(0.0, min(1.0, max(known, default=0.0)))


def _bar(row: dict[str, Any]) -> tuple[int, float, str]:
    confidence = _confidence(row)
    return LABELS.index(row["label"]), confidence, f"epoch {row['epoch']:g}: {row['label']} {percent(confidence, 0)}"
