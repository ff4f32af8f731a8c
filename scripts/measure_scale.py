"""Measure the terms of which an hour of video and an epoch of training are made: docs/scale.md multiplies them.

``python scripts/measure_scale.py video [CLIP]``: a frame's decoding, finding and reading, each alone, on one thread,
and what the first process takes to write a frame's row of a data set.
``python scripts/measure_scale.py training [CONFIG]``: a picture's decoding, reading, varying and share of a step on one
thread, and what two processes take to add up their gradients (needs the extra ``train``; affectnet.toml if none is
named). The pictures are noise of the config's size, which costs what faces cost. Times are medians.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

_FRAMES = 240
_PICTURES = 2048
_BATCH = 64
_ROUNDS = 5
_PROCESSES = 2


def video(clip: Path | None) -> None:
    """Print the terms of a frame."""
    from app.bench.stages import measure_stages
    from app.config import ReadingConfig
    from app.pipeline.opencv_threads import one_opencv_thread
    from model.classifier import Classifier
    from model.paths import assets_folder

    classifier = Classifier.load("compact-int8", backend="onnx", threads=1)
    path = clip or assets_folder() / "demo.mp4"
    with tempfile.TemporaryDirectory() as folder, one_opencv_thread():
        timings, faces = measure_stages(path, _FRAMES, classifier, ReadingConfig(), Path(folder))
    print(f"{path.name}, {len(timings['decode'].seconds)} frames, {faces} faces read; milliseconds a frame")
    for name in ("decode", "detect", "follow", "track", "classify"):
        mean_s = statistics.fmean(timings[name].seconds)  # detection now and then: only the mean adds up
        print(f"  {name:9} {1000 * mean_s:7.2f}")
    row_s, row_bytes, done_s = _rows()
    print(f"  a row     {1000 * row_s:7.4f}, {row_bytes:.0f} bytes")
    print(f"  to see that a file is done already {1000 * done_s:7.2f}")


def _rows() -> tuple[float, float, float]:
    """An hour of one face in a data set: seconds and bytes to keep a row, and seconds to see that it is there."""
    from app.archive.dataset import DataSet, Facts
    from app.archive.item import Item
    from app.sinks.arrow import table_of
    from app.sinks.rows import COLUMNS
    from app.stamp import Stamp
    from model.emotions import LABELS

    count, rng = 108_000, np.random.default_rng(0)
    rows = []
    for place, values in enumerate(rng.random((count, len(COLUMNS))).round(6)):
        row: dict[str, object] = dict(zip(COLUMNS, values.tolist(), strict=True))
        rows.append(
            row | {"frame": place, "track": 1, "label": LABELS[place // 900 % 8], "time_s": round(place / 30, 6)}
        )
    table = table_of(rows)
    item, facts = Item(name="hour.mp4", path="hour.mp4"), Facts(frames=count, frames_with_face=count, video_s=3600.0)
    with tempfile.TemporaryDirectory() as folder:
        data = DataSet(Path(folder), root="", stamp=Stamp(model="compact", model_sha256=""), settings={})
        taken = _median(lambda: data.keep(item, table, facts))
        size = data.path(item).stat().st_size
        return taken / count, size / count, _median(lambda: [data.done(item) for _ in range(100)]) / 100


def training(path: Path) -> None:
    """Print the terms of an epoch."""
    import torch

    from training.augment import augment
    from training.draws import Draws
    from training.load_config import load_config
    from training.network import build_network, normalise
    from training.optimizer import MovingAverage, make_optimizer

    torch.set_num_threads(1)
    config = load_config(path)
    size, channels = config.network.input_size, 1 if config.network.colour == "gray" else 3
    network = build_network(config).to(memory_format=torch.channels_last)
    averaged, optimizer = MovingAverage(network, config.train.ema_decay), make_optimizer(network, config.train)
    weights = sum(value.numel() for value in network.parameters())
    pixels = torch.rand(_BATCH, channels, size, size)
    labels = torch.randint(8, (_BATCH,))

    def vary() -> None:
        augment(pixels, config.augment, Draws(torch.Generator().manual_seed(1), _BATCH))

    def step() -> None:
        inputs = normalise(pixels, config).contiguous(memory_format=torch.channels_last)
        loss = torch.nn.functional.cross_entropy(network(inputs)[:, :8], labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        averaged.update(network)

    print(f"{path.name}: {size}x{size}x{channels}, {weights:,} weights; microseconds a picture, one thread")
    terms = {
        "decode a JPEG of 224x224": partial(_decode, _jpegs()),
        **_reading(size, channels),
        "vary": vary,
        "step": step,
    }
    for name, work in terms.items():
        pictures = _PICTURES if "decode" in name or "read" in name else _BATCH
        print(f"  {name:26} {1e6 * _median(work) / pictures:9.1f}")
    print(f"  gradients of {_PROCESSES} processes, a step: {1000 * _all_reduce(weights):.1f} ms (gloo, one machine)")


def _jpegs() -> list[bytes]:
    import cv2

    smooth = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (224, 224, 3), dtype=np.uint8), (9, 9), 3)
    return [cv2.imencode(".jpg", smooth)[1].tobytes()] * _PICTURES


def _decode(jpegs: list[bytes]) -> None:
    import cv2

    for jpeg in jpegs:
        cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def _reading(size: int, channels: int) -> dict[str, Callable[[], None]]:
    """Reading pictures of a condensed set in the order in which training takes them; the set is in memory by then."""
    from model.emotions import Emotion
    from training.data.condense import condense
    from training.data.sample import Sample, Split, one_hot

    noise = np.random.default_rng(0).integers(0, 255, (size, size, 3), dtype=np.uint8)
    samples = [
        Sample(name=str(place), label=emotion, target=one_hot(emotion), read=lambda: noise)
        for place in range(_PICTURES)
        for emotion in (Emotion(place % 8),)
    ]
    folder = tempfile.TemporaryDirectory()
    data = condense(Split("train", samples), Path(folder.name) / "train", size=size, channels=channels, source="noise")
    order = np.random.default_rng(1).permutation(len(data))

    def read() -> None:
        assert folder.name
        for start in range(0, len(order), _BATCH):
            data.take(order[start : start + _BATCH])

    return {"read": read}


def _median(work: Callable[[], object]) -> float:
    work()
    return statistics.median(_seconds(work) for _ in range(_ROUNDS))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _all_reduce(weights: int) -> float:
    """Seconds that two processes take to add up as many 32-bit numbers as there are weights."""
    import torch.multiprocessing as processes

    with tempfile.TemporaryDirectory() as folder:
        processes.spawn(_add_up, (folder, weights), nprocs=_PROCESSES)
        return float((Path(folder) / "seconds").read_text())


def _add_up(rank: int, folder: str, weights: int) -> None:
    import torch
    from torch import distributed

    distributed.init_process_group("gloo", f"file://{folder}/meet", rank=rank, world_size=_PROCESSES)
    torch.set_num_threads(1)
    gradients = torch.rand(weights)
    taken = _median(lambda: distributed.all_reduce(gradients))
    if rank == 0:
        (Path(folder) / "seconds").write_text(str(taken))
    distributed.destroy_process_group()


def main(words: list[str]) -> int:
    """Measure what the command line names."""
    rest = Path(words[1]) if len(words) > 1 else None
    if words[:1] == ["video"]:
        video(rest)
    elif words[:1] == ["training"]:
        training(rest or Path("training/configs/affectnet.toml"))
    else:
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
