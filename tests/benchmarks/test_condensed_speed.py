"""Training batches from a condensed set against pictures decoded anew each epoch, one worker each, in one run.

As a command it prints the figures: ``python tests/benchmarks/test_condensed_speed.py [FOLDER_OR_ZIP]``. Both sides end
with the same float tensors in [0, 1], 224x224 in three channels, in random order, in batches of 32, turned into floats
by the same code; their epochs take turns, so that whatever else runs on the machine hits both. The condensed set is
read by one thread, as in training, ImageFolder by one process of a DataLoader, which is faster for it. The pictures are
in the system's file cache both times. It needs a gigabyte of disk for a moment.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # as a command

PICTURES = ROOT.parent / "shared" / "data" / "lfw-expressions.zip"
SIZE, BATCH, EPOCHS = 224, 32, 3
BAR = 5.0
MOST_GROWTH_MB = 32.0  # of the reading process's own memory, from the first epoch to the last


@dataclass
class Side:
    """What one way of reading gave."""

    name: str
    rates: list[float] = field(default_factory=list)  # pictures per second, an epoch each
    cpu_us: list[float] = field(default_factory=list)  # of all processes, per picture
    own_mb: list[float] = field(default_factory=list)  # memory of the reading process after each epoch
    mapped_mb: list[float] = field(default_factory=list)  # and what it has mapped of files: shards, libraries

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)


def ratio(one: Side, other: Side) -> float:
    """The median of the epochs' ratios: what disturbs an epoch disturbs the one beside it."""
    return statistics.median(a / b for a, b in zip(one.rates, other.rates, strict=True))


def compare(source: Path, scratch: Path) -> tuple[Side, Side]:
    """Read three epochs of ``source`` both ways: condensed, decoded."""
    import torch

    from training.data.condense import open_condensed
    from training.preparation import Wanted, prepare

    torch.set_num_threads(1)
    if source.suffix == ".zip":
        with zipfile.ZipFile(source) as archive:
            archive.extractall(scratch / "pictures")
        source = next((scratch / "pictures").iterdir())
    wanted = Wanted(kind="folder", source=source, destination=scratch / "condensed", size=SIZE, channels=3)
    prepare(wanted, _Quiet(), jobs=os.cpu_count() or 1)
    data = open_condensed(scratch / "condensed" / "train")
    _check_alike(data, source)
    sides = (Side("condensed set"), Side("ImageFolder + JPEG"))
    epochs = (_condensed_epochs(data, sides[0]), _decoded_epochs(source, sides[1]))
    for _ in range(EPOCHS):
        for each in epochs:
            next(each)
    for each in epochs:
        each.close()
    return sides


class _Quiet:
    def begin(self, split, total):
        return lambda done: None

    def say(self, line):
        pass


def _condensed_epochs(data, side: Side) -> Iterator[None]:
    from training.batches import StepSampler, read_ahead

    steps = -(-len(data) // BATCH)
    order = StepSampler(data.labels, seed=0, balance=0, batch_size=BATCH, first=0, last=EPOCHS * steps)
    with closing(read_ahead(data, order, workers=1, pin=False)) as batches:
        for _ in range(EPOCHS):
            _time(side, (pixels for pixels, _ in islice(batches, steps)), os.getpid())
            yield


def _decoded_epochs(source: Path, side: Side) -> Iterator[None]:
    from torch.utils.data import DataLoader
    from torchvision.datasets import ImageFolder
    from torchvision.transforms.v2 import PILToTensor

    folder = ImageFolder(str(source), transform=PILToTensor())
    loader = DataLoader(
        folder, batch_size=BATCH, shuffle=True, num_workers=1, persistent_workers=True, prefetch_factor=4
    )
    for _ in range(EPOCHS):
        batches = iter(loader)  # the first epoch starts the process, the others keep it
        (worker,) = multiprocessing.active_children()
        _time(side, (pixels for pixels, _ in batches), worker.pid)
        yield


def _time(side: Side, batches, reader: int) -> None:
    """One epoch; the clock starts with the first batch, when the worker is at work."""
    import torch

    count, started, cpu_started, floats = 0, 0.0, 0.0, None
    for pixels in batches:
        if floats is None:
            floats = torch.empty_like(pixels, dtype=torch.float32)
        floats[: len(pixels)].copy_(pixels).div_(255)
        if started:
            count += len(pixels)
        else:
            started, cpu_started = time.perf_counter(), _cpu_s(reader)
    side.rates.append(count / (time.perf_counter() - started))
    side.cpu_us.append((_cpu_s(reader) - cpu_started) / count * 1e6)
    own, mapped = _memory_mb(reader)
    side.own_mb.append(own)
    side.mapped_mb.append(mapped)


def _cpu_s(reader: int) -> float:
    """Of this process, and of the one that reads if it is another."""
    if reader == os.getpid():
        return time.process_time()
    try:
        fields = Path(f"/proc/{reader}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _check_alike(data, source: Path) -> None:
    """The two sides must read the same pictures."""
    from torchvision.datasets.folder import default_loader

    for place in range(0, len(data), len(data) // 5):
        theirs = np.asarray(default_loader(str(source / data.names[place])))
        ours = data.take(np.array([place]))[0, :, :, ::-1]  # BGR
        assert ours.shape == theirs.shape == (SIZE, SIZE, 3)
        assert np.abs(ours.astype(int) - theirs).max() <= 4, data.names[place]  # two decoders round differently


def _memory_mb(process: int) -> tuple[float, float]:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return float("nan"), float("nan")
    sizes = {line.split(":")[0]: float(line.split()[1]) / 1024 for line in lines if line.endswith("kB")}
    return sizes["RssAnon"], sizes["RssFile"]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_one_worker_reads_a_condensed_set_five_times_as_fast_in_flat_memory(tmp_path):
    pytest.importorskip("torchvision", reason="training needs its extra")
    if not PICTURES.exists():
        pytest.skip(f"{PICTURES} is not here")
    condensed, decoded = compare(PICTURES, tmp_path)
    assert ratio(condensed, decoded) >= BAR, (condensed, decoded)
    if not math.isnan(condensed.own_mb[0]):  # known on Linux only
        assert condensed.own_mb[-1] - condensed.own_mb[0] < MOST_GROWTH_MB, condensed
        set_mb = sum(file.stat().st_size for file in (tmp_path / "condensed").rglob("pixels-*")) / 2**20
        assert max(condensed.mapped_mb) - min(condensed.mapped_mb) < set_mb / 4, condensed


def _listed(figures: list[float]) -> str:
    return ", ".join(f"{figure:.0f}" for figure in figures)


def main() -> None:
    """Measure and print."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    if not source.exists():
        sys.exit(f"{source}: not here; give a folder per emotion, or a .zip of one, as the argument")
    with tempfile.TemporaryDirectory() as scratch:
        sides = compare(source, Path(scratch))
        for side in sides:
            print(f"{side.name:>20}: {side.rate:.0f} pictures/s (epochs: {_listed(side.rates)})")  # noqa: T201
            print(f"{'':>20}  {_listed(side.cpu_us)} us of processor time a picture")  # noqa: T201
            print(f"{'':>20}  MB after each epoch: own {_listed(side.own_mb)}; mapped {_listed(side.mapped_mb)}")  # noqa: T201
        each = ", ".join(f"{a / b:.1f}" for a, b in zip(sides[0].rates, sides[1].rates, strict=True))
        print(f"{'ratio':>20}: {ratio(*sides):.1f} (epochs: {each}; bar: {BAR:.0f})")  # noqa: T201


if __name__ == "__main__":
    main()
