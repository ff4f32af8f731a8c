"""What is done with mutants of data sets, condensed sets and calibrations in processes of their own (hostile.py)."""

from __future__ import annotations

import contextlib
import io
import random
import shutil
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
from data_set_makers import (
    FERPLUS_HEADER,
    PIXELS,
    affectnet_row,
    write_affectnet,
    write_fer2013,
    write_ferplus_folder,
    write_manual_affectnet,
    write_picture,
    write_rafdb,
)
from mutants import json_mutant, mutant

from model.emotions import LABELS
from model.errors import ConfigError, DataError

#: Texts that a table hardly ever should have.
_ODD = (
    *(
        "",
        "-1",
        "9",
        "1e400",
        "nan",
        "99999999999999999999",
        "../../../etc/hostname",
        "/etc/hostname",
        "a\x00b",
        "\x1b[2J",
    ),
    *("'", '"', '"\n"', ",,,,", "🙂", "0x10", "1.5", " ", "x" * 70_000, "..", "con.png", "a/../../b.png"),
)
_TABLES = (".csv", ".txt")


def _ferplus(root: Path) -> None:
    write_ferplus_folder(root, ["0,8,0,0,0,0,0,0,2,0", "10,0,0,0,0,0,0,0,0,0", "0,0,5,5,0,0,0,0,0,0"])
    write_ferplus_folder(root, ["0,0,0,9,0,0,0,0,1,0"], folder="FER2013Valid")


def _fer2013(root: Path) -> None:
    write_fer2013(root, [(0, PIXELS, "Training"), (3, PIXELS, "Training"), (6, PIXELS, "PublicTest")])


def _ferplus_pair(root: Path) -> None:
    _fer2013(root)
    votes = [
        "Training,a.png,0,8,0,0,0,0,0,0,2,0",
        "Training,b.png,9,0,0,0,0,0,0,0,1,0",
        "PublicTest,c.png,0,0,9,0,0,0,0,0,1,0",
    ]
    (root / "fer2013new.csv").write_text("\n".join([FERPLUS_HEADER, *votes]) + "\n")


def _affectnet(root: Path) -> None:
    write_affectnet(root, [("1", "0.5", "-0.25"), (4, 0.0, 0.0)])
    write_affectnet(root, [("7", "0.1", "0.2")], split="val_set")


def _manual(root: Path) -> None:
    write_manual_affectnet(
        root,
        [affectnet_row("1/a.jpg", 1), affectnet_row("1/b.jpg", 6)],
        [affectnet_row("2/c.jpg", 0)],
        ["1/a.jpg", "1/b.jpg", "2/c.jpg"],
    )


def _rafdb(root: Path) -> None:
    write_rafdb(
        root, ["train_00001.jpg 5", "train_00002.jpg 1", "test_0001.jpg 7"], ["train_00001", "train_00002", "test_0001"]
    )


def _folder(root: Path) -> None:
    for number, label in enumerate(LABELS):
        write_picture(root / label / f"person_{number}.jpg", level=20 * number)


LAYOUTS = {
    "ferplus": _ferplus,
    "fer2013": _fer2013,
    "ferplus-pair": _ferplus_pair,
    "affectnet": _affectnet,
    "affectnet-manual": _manual,
    "rafdb": _rafdb,
    "folder": _folder,
}


def prepare_mutant(task: tuple[str, int]) -> tuple[str, str]:
    """Have ``training.prepare`` read a mutant of a small data set, ``(layout, seed)``; sometimes as a .zip."""
    layout, seed = task
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "set"
        shutil.copytree(_made(layout), root)
        for _ in range(chance.choice((1, 1, 2))):
            _spoil(root, chance, seed)
        source = root
        if chance.random() < 0.3:
            source = Path(folder) / "set.zip"
            with zipfile.ZipFile(source, "w") as packed:
                for file in sorted(root.rglob("*")):
                    name = file.relative_to(root).as_posix()
                    packed.write(
                        file,
                        chance.choice((name, name, name, f"../{name}", f"/{name}")) if chance.random() < 0.1 else name,
                    )
            if chance.random() < 0.5:
                source.write_bytes(mutant(source.read_bytes(), seed))
        return prepare(layout.partition("-")[0], source, Path(folder))


@cache
def _made(layout: str) -> Path:
    root = Path(tempfile.mkdtemp(prefix="layout-"))
    LAYOUTS[layout](root)
    return root


def _spoil(root: Path, chance: random.Random, seed: int) -> None:
    files = [file for file in sorted(root.rglob("*")) if file.is_file()]
    if not files:  # the only one was taken away
        return
    tables = [file for file in files if file.suffix in _TABLES]
    file = chance.choice(tables if tables and chance.random() < 0.7 else files)
    way = chance.random()
    if way < 0.08:
        file.unlink()
    elif way < 0.13:
        file.unlink()
        file.symlink_to("/etc/hostname")
    elif way < 0.7 and file.suffix in _TABLES:
        file.write_bytes(_row_mutant(file.read_text(encoding="utf-8", errors="surrogateescape"), chance))
    else:
        file.write_bytes(mutant(file.read_bytes() or b"?", seed))


def _row_mutant(text: str, chance: random.Random) -> bytes:
    lines = text.splitlines() or [""]
    at = chance.randrange(len(lines))
    between = "," if "," in lines[at] else " "
    cells = lines[at].split(between)
    place = chance.randrange(len(cells))
    way = chance.choice(("cell", "cell", "cell", "cell", "drop cell", "more cells", "drop", "repeat", "move"))
    if way == "cell":
        cells[place] = chance.choice(_ODD)
    elif way == "drop cell":
        del cells[place]
    elif way == "more cells":
        cells += [chance.choice(_ODD)] * chance.choice((1, 3, 500))
    lines[at] = between.join(cells)
    if way == "drop":
        del lines[at]
    elif way == "repeat":
        lines += [lines[at]] * chance.choice((1, 1000))
    elif way == "move":
        lines.insert(0, lines.pop(at))
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")


def prepare(kind: str, source: Path, folder: Path) -> tuple[str, str]:
    """Condense ``source`` and hold what is said and left to its promises."""
    from training import prepare as command
    from training.data.condense import open_condensed

    done = folder / "done"
    with contextlib.redirect_stderr(io.StringIO()) as err, contextlib.redirect_stdout(io.StringIO()) as out:
        code = command.main([kind, str(source), str(done), "--size", "16", "--jobs", "1"])
    text = out.getvalue() + err.getvalue()
    there = done.iterdir() if done.exists() else ()
    splits = [place for place in there if (place / "index.json").exists() and not place.name.startswith(".")]
    broken = "Traceback" in text or "unexpected" in text
    if code == 0:
        opened = [open_condensed(place) for place in splits]
        fine = bool(opened) and all(len(each) and np.isfinite(each.targets).all() for each in opened)
        partly = any(each.index["skipped"] for each in opened) if fine else False
        state = "broken" if broken or not fine else "partly" if partly else "accepted"
    else:
        errors = text.count("error: ")
        state = "refused" if code in (1, 2) and errors == 1 and not splits and not broken else "broken"
    return state, f"exit code {code}: {text[-600:]}"


def open_mutant(seed: int) -> tuple[str, str]:
    """Open a mutant of a condensed set, its hashes compared or not, and take all of it."""
    from training.data.condense import open_condensed

    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "train"
        shutil.copytree(_condensed(), place)
        file = chance.choice(sorted(place.iterdir()))
        file.write_bytes(mutant(file.read_bytes(), seed))
        try:
            opened = open_condensed(place, verify=bool(seed % 2))
            taken = opened.take(np.arange(len(opened)))
        except DataError as error:
            whole = "\n" not in str(error) and str(place) in str(error)
            return ("refused" if whole else "broken"), str(error)
    fine = taken.dtype == np.uint8 and taken.shape == (len(opened), 16, 16, 1) and len(opened.targets) == len(opened)
    return ("accepted" if fine else "broken"), str(taken.shape)


@cache
def _condensed() -> Path:
    from training import prepare as command

    folder = Path(tempfile.mkdtemp(prefix="condensed-"))
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        assert (
            command.main(["ferplus", str(_made("ferplus")), str(folder / "done"), "--size", "16", "--jobs", "1"]) == 0
        )
    return folder / "done" / "train"


def read_person_mutant(seed: int) -> tuple[str, str]:
    """Read a mutant of a calibration."""
    from app.pipeline.calibrate import MOST
    from app.settings.person_file import read_person

    values = {"format": 1, "name": "Ada", "model": "compact", "samples": 30, "bias": dict.fromkeys(LABELS, 0.25)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ada.json"
        path.write_bytes(json_mutant(values, seed))
        try:
            name, calibration = read_person(path)
        except ConfigError as error:
            return ("refused" if "\n" not in str(error) else "broken"), str(error)
    fine = isinstance(name, str) and calibration.bias.shape == (len(LABELS),)
    fine = fine and bool(((calibration.bias >= 0) & (calibration.bias <= MOST)).all())
    return ("accepted" if fine else "broken"), f"{name!r}: {calibration}"
