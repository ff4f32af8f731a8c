"""Models that are used again are not loaded again, unless their file has changed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from app.config import ReadingConfig
from app.gui.shelf import Shelf


def test_the_last_few_are_kept_and_a_changed_file_is_loaded_anew(model_file: Path, tmp_path: Path) -> None:
    shelf = Shelf()
    copies = [tmp_path / f"{number}.onnx" for number in range(4)]
    for copy in copies:
        shutil.copy(model_file, copy)
    first = shelf.take(ReadingConfig(model=str(copies[0])))
    assert shelf.take(ReadingConfig(model=str(copies[0]))) is first
    os.utime(copies[0], ns=(1, 1))
    second = shelf.take(ReadingConfig(model=str(copies[0])))
    assert second is not first
    for copy in copies[1:]:
        shelf.take(ReadingConfig(model=str(copy)))
    assert shelf.take(ReadingConfig(model=str(copies[0]))) is not second  # pushed out
