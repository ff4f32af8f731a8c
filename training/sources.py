"""Where a run's condensed sets come from, and what to say when they are not there."""

from __future__ import annotations

from pathlib import Path

from model.errors import DataError

from .config import Config, DataConfig
from .data.condense import CondensedSet, condense, open_condensed

GENERATED = "generated"


def open_split(data: DataConfig, split: str, config: Config) -> CondensedSet:
    """Open a condensed split, its hashes compared; a generated one is made when it is missing.

    Raises:
        DataError: it is missing, and the message says what is expected and where it comes from; or it is altered.
    """
    folder = Path(data.root) / split
    if data.kind == GENERATED and not folder.exists():
        _generate(Path(data.root), config)
    if folder.exists():
        return open_condensed(folder)
    raise DataError(missing(config))


def missing(config: Config) -> str:
    """What a run's data should look like, for every set of it that is not there: several lines."""
    wanted = [("training", config.data.kind, config.data.root, config.data.train, config.data.valid)]
    if config.pretrain.root:
        ours = config.pretrain
        wanted.insert(0, ("pre-training", ours.kind, ours.root, ours.train, ours.valid))
    texts = []
    for use, kind, root, *splits in wanted:
        gone = [str(Path(root) / split) for split in splits if not (Path(root) / split).exists()]
        if gone:
            texts.append(f"{' and '.join(gone)}: no condensed set here for {use}. {_how(kind, root, config)}")
    asked = Path(config.data.root) / config.evaluate.split
    if not texts:
        texts = [f"{asked}: no condensed set here. {_how(config.data.kind, config.data.root, config)}"]
    return "\n".join(texts)


def _how(kind: str, root: str, config: Config) -> str:
    from .data.layouts import describe

    size, colour = config.network.input_size, "" if config.network.colour == "gray" else " --colour"
    command = f"python -m training.prepare {kind or 'KIND'} SRC {root} --size {size}{colour}"
    if not kind:
        return f"Make it with: {command}"
    return f"Make it with: {command}\n{describe(kind)}"


def _generate(root: Path, config: Config) -> None:
    from .data.generated import generate_splits

    channels = 1 if config.network.colour == "gray" else 3
    for name, split in generate_splits(config.seed).items():
        condense(split, root / name, size=config.network.input_size, channels=channels, source="generated faces")
