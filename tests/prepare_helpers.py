"""What the tests of preparing share: a small data set of folders, the call, and what came of it."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np

from training.preparation import Wanted, prepare
from training.prepare import main


class Quiet:
    """Hears what is said, and which splits are decoded how far."""

    def __init__(self):
        self.said, self.ticks = [], {}

    def begin(self, split, total):
        self.ticks[split] = []
        return self.ticks[split].append

    def say(self, line):
        self.said.append(line)


def write_faces(root, *, splits=("train", "valid"), each=6):
    rng = np.random.default_rng(0)
    for split in splits:
        for emotion in ("happiness", "sadness"):
            folder = root / split / emotion
            folder.mkdir(parents=True, exist_ok=True)
            for person in range(each):
                cv2.imwrite(
                    str(folder / f"{emotion}_{person}_0001.png"), rng.integers(0, 255, (12, 12), dtype=np.uint8)
                )
    return root


def made(source, destination, watch=None, *, jobs=1, strict=False, again=False, shard_bytes=1 << 20, **more):
    wanted = Wanted(kind="folder", source=source, destination=destination, size=8, **more)
    return prepare(wanted, watch or Quiet(), jobs=jobs, strict=strict, again=again, shard_bytes=shard_bytes)


def hashes(folder):
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def run(*words):
    return main([str(word) for word in words])
