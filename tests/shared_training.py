"""A training as the loop does it, that tells what it did: run by a launcher in several processes, in one, or in copies.

``python tests/shared_training.py CONFIG FOLDER NOTES [STOP_AT]``: trains in FOLDER up to step STOP_AT, and writes to
``NOTES/RANK.jsonl`` the loss of each step, the pictures that this process asked for (step by step) and read (in the
order of its reading threads, which may overtake each other), and the files that it opened to write. With ``COPIES`` in
the environment the process goes on as so many: importing PyTorch takes longer than what these trainings do.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.batches import StepSampler
from training.config import Config
from training.data.condense import CondensedSet
from training.interrupted import Interrupted
from training.load_config import load_config
from training.loop import Progress, train
from training.workflow import open_trainsets


def main(config_file: str, folder: str, notes: str, stop_at: str = "") -> None:
    rank = int(os.environ.get("RANK", "0"))
    config: Config = load_config(Path(config_file))
    if rank == 1:  # as on a machine with another copy
        config.data.root = os.environ.get("ROOT_OF_RANK_1", config.data.root)
    with (Path(notes) / f"{rank}.jsonl").open("a") as out:
        lock = threading.RLock()  # the audit below may note from within a note

        def note(**what: Any) -> None:
            with lock:
                out.write(json.dumps(what) + "\n")
                out.flush()

        steps = StepSampler.__iter__

        def noted_steps(self: StepSampler) -> Iterator[Any]:
            for places in steps(self):
                note(asked=[int(place) for place in places])
                yield places

        StepSampler.__iter__ = noted_steps  # type: ignore[method-assign]
        take, inside = CondensedSet.take, str(Path(folder).resolve())

        def noted_take(self: CondensedSet, places: Any) -> Any:
            if self.folder.name == config.data.train:
                note(read=[int(place) for place in places])
            return take(self, places)

        CondensedSet.take = noted_take  # type: ignore[method-assign]

        def written(event: str, given: tuple[Any, ...]) -> None:
            if event == "open" and isinstance(given[1], str) and set(given[1]) & set("wax+"):
                if str(Path(os.fsdecode(given[0])).resolve()).startswith(inside):
                    note(written=str(given[0]))
            elif event in ("os.mkdir", "os.rename", "os.remove") and str(given[0]).startswith(inside):
                note(written=str(given[0]))

        sys.addaudithook(written)
        done = [0]

        def report(progress: Progress) -> None:
            if progress.figures is None:
                done[0] += 1
                note(epoch=progress.epoch, step=progress.step, loss=progress.loss)

        def stop() -> bool:
            return bool(stop_at) and done[0] >= int(stop_at)

        try:
            train(config, *open_trainsets(config), Path(folder), report=report, stop=stop)
        except Interrupted:
            note(stopped=True)


@contextlib.contextmanager
def copied(count: int) -> Iterator[None]:
    """Go on as ``count`` processes of one training, as a launcher would have begun them; the first waits for all."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(count)}
    os.environ |= {"LOCAL_WORLD_SIZE": str(count), "RANK": "0", "LOCAL_RANK": "0"}
    others = []
    for rank in range(1, count):
        pid = os.fork()
        if pid == 0:
            others = []
            os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank)}
            break
        others.append(pid)
    yield
    for pid in others:
        _, status = os.waitpid(pid, 0)
        assert status == 0, status


if __name__ == "__main__":
    with copied(int(os.environ["COPIES"])) if "COPIES" in os.environ else contextlib.nullcontext():
        main(*sys.argv[1:])
