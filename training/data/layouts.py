"""How each data set lies on disk when it is unpacked as published, where it comes from, and what it may be used for."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources.abc import Traversable

from model.emotions import LABELS
from model.errors import DataError

from .sample import Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One kind of data set, in words for its user."""

    title: str
    expected: str  # the files in one line, for errors
    tree: str  # the files, several lines
    where: str  # address, and who may have it
    licence: str  # what it may be used for
    command: str  # how it is condensed


_PREPARE = "python -m training.prepare"

LAYOUTS: dict[str, Layout] = {
    "affectnet": Layout(
        title="AffectNet",
        expected="train_set/ and val_set/ with images/ and annotations/ in each, "
        "or Manually_Annotated_Images/ with training.csv and validation.csv",
        tree="""\
the release with 8 labels:
  AffectNet/train_set/images/0.jpg                 287,651 faces, 224x224
  AffectNet/train_set/annotations/0_exp.npy        also 0_val.npy, 0_aro.npy (0_lnd.npy is not read)
  AffectNet/val_set/images/0.jpg                   3,999 faces
  AffectNet/val_set/annotations/0_exp.npy
or the release of manually annotated photographs:
  AffectNet/Manually_Annotated_Images/1/….jpg      whole photographs, in numbered folders
  AffectNet/training.csv                           or both tables in Manually_Annotated_file_lists/
  AffectNet/validation.csv""",
        where="http://mohammadmahoor.com/affectnet/ "
        "(a professor or a head of a laboratory applies with a signed agreement; students through them)",
        licence="research only; neither pictures nor labels may be passed on",
        command=f"{_PREPARE} affectnet AffectNet condensed/affectnet-224 --size 224 --colour",
    ),
    "rafdb": Layout(
        title="RAF-DB",
        expected="EmoLabel/list_patition_label.txt and Image/aligned/ with train_00001_aligned.jpg and so on",
        tree="""\
RAF-DB/basic/EmoLabel/list_patition_label.txt      so spelled; lines such as: train_00001.jpg 5
RAF-DB/basic/Image/aligned/train_00001_aligned.jpg 12,271 faces, 100x100 (unpack Image/aligned.zip)
RAF-DB/basic/Image/aligned/test_0001_aligned.jpg   3,068 faces""",
        where="http://www.whdeng.cn/RAF/model1.html (a member of a university applies by e-mail for the password)",
        licence="non-commercial research only; the pictures may not be passed on",
        command=f"{_PREPARE} rafdb RAF-DB/basic condensed/rafdb-224 --size 224 --colour --valid-share 0.1",
    ),
    "ferplus": Layout(
        title="FER+",
        expected="folders FER2013Train, FER2013Valid, FER2013Test with label.csv in each, "
        "or fer2013new.csv beside fer2013.csv",
        tree="""\
FERPlus/data/FER2013Train/label.csv                beside fer0000000.png and so on: 28,558 faces, 48x48, grey
FERPlus/data/FER2013Valid/label.csv                3,579 faces
FERPlus/data/FER2013Test/label.csv                 3,573 faces
or:
FERPlus/fer2013new.csv                             the votes, row by row beside
FERPlus/fer2013.csv                                the pictures""",
        where="votes: https://github.com/microsoft/FERPlus ; pictures (fer2013.csv): https://www.kaggle.com/c/"
        "challenges-in-representation-learning-facial-expression-recognition-challenge",
        licence="votes: MIT; pictures, found on the web: for research",
        command=f"{_PREPARE} ferplus FERPlus condensed/ferplus",
    ),
    "fer2013": Layout(
        title="FER2013",
        expected="fer2013.csv with the columns emotion, pixels and Usage",
        tree="""\
FER2013/fer2013.csv                                emotion, pixels, Usage; 28,709 + 3,589 + 3,589 faces, 48x48, grey
                                                   (icml_face_data.csv is read as well)""",
        where="https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge",
        licence="pictures found on the web: for research",
        command=f"{_PREPARE} fer2013 FER2013 condensed/fer2013",
    ),
    "folder": Layout(
        title="a folder per emotion",
        expected=f"one folder per emotion ({', '.join(LABELS)}), or train/ and valid/ with these inside",
        tree="""\
my-faces/happiness/Aaron_Guiel_0001.jpg            a name before _0001 is taken for a person's
my-faces/neutral/….png
or:
my-faces/train/happiness/….jpg
my-faces/valid/happiness/….jpg                     also test/""",
        where="your own pictures, or any set that is sorted so",
        licence="as the pictures' owners say",
        command=f"{_PREPARE} folder my-faces condensed/my-faces --valid-share 0.1",
    ),
    "generated": Layout(
        title="drawn faces",
        expected="nothing: they are drawn when they are asked for",
        tree="(no files: training.run draws splits train, valid and test itself)",
        where="here",
        licence="none needed",
        command="python -m training.run --config training/configs/smoke.toml",
    ),
}


def describe(kind: str) -> str:
    """What a data set of ``kind`` looks like on disk, where it comes from, and how it is condensed: several lines.

    Raises:
        KeyError: there is no such kind; :data:`LAYOUTS` has them.
    """
    layout = LAYOUTS[kind]
    return "\n".join(
        (
            f"{layout.title} is read as it is published, from a folder or a .zip:",
            *(f"  {line}" for line in layout.tree.splitlines()),
            f"Where: {layout.where}",
            f"Use: {layout.licence}",
            f"Example: {layout.command}",
        )
    )


def not_here(kind: str, root: Traversable, why: str = "") -> DataError:
    """The error for a place without the data set: one line with what is expected and where to get it."""
    layout = LAYOUTS[kind]
    return DataError(
        f"{root}: {why or f'no {layout.title} here'}; expected {layout.expected}; "
        f"to get it: {layout.where}; the layout: python -m training.prepare {kind} --layout"
    )


def half_there(kind: str, root: Traversable, missing: list[str]) -> DataError:
    """The error for a data set of which whole folders or tables are missing."""
    return not_here(
        kind, root, f"{LAYOUTS[kind].title} is half unpacked, without {' and '.join(missing)}; unpack every archive"
    )


def refuse_empty(kind: str, root: Traversable, splits: dict[str, Split]) -> None:
    """A data set without one usable picture is none.

    Raises:
        DataError: every row was skipped or dropped; the message has the first reason.
    """
    if not any(len(split) for split in splits.values()):
        reasons = [line for split in splits.values() for line in split.skipped]
        first = f"; the first of {len(reasons)} skipped: {reasons[0]}" if reasons else ""
        raise not_here(kind, root, f"not one usable picture{first}")
