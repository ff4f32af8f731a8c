"""``affectcam classify --formats dataset``: an archive in, one Parquet data set out."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from rich.console import Console

from app.archive.crew import Crew
from app.archive.dataset import FAILED, MADE_FROM, DataSet, Facts
from app.archive.failures import Failures
from app.archive.item import Item
from app.archive.listing import Archive, list_archive
from app.archive.local import LocalCrew
from app.archive.lock import locked
from app.archive.progress import ArchiveProgress
from app.archive.remote import is_uri
from app.archive.run import Run
from app.archive.task import Asked
from app.pipeline.which_model import settled
from app.sinks.arrow import require_arrow
from app.stamp import Stamp
from model.classifier import Classifier, find_model
from model.cluster import join, require_ray

from .archive_summary import in_words, summary
from .jobs import default_jobs

console = Console(stderr=True)

Engine = Literal["local", "ray"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """Who reads the files."""

    engine: Engine = "local"
    address: str | None = None  # of a Ray cluster; None: one on this machine alone
    jobs: int | None = None  # workers at once; None chooses


def classify_archive(
    words: Sequence[str],
    out: Path,
    asked: Asked,
    workers: Workers,
    *,
    list_file: str | None = None,
    overwrite: bool = False,
    as_json: bool = False,
) -> bool:
    """Read all files of an archive into one data set; what is done is skipped. True if every file was read whole.

    Args:
        words: a folder, files, or URIs.
        out: the folder of the data set.
        asked: what is asked of each file.
        workers: who reads them.
        list_file: a list of more files.
        overwrite: read again what is done.
        as_json: print a summary as JSON on stdout, a line of words otherwise.

    Raises:
        ConfigError: no files, an address at which no cluster answers, or a node with another affectcam.
        ModelError: the model cannot be used, or is another one on a node.
        SinkError: the folder holds something else, or cannot be written.
        AffectcamError: a package is not installed, or no worker is left.
    """
    if workers.engine == "ray":
        require_ray()
    require_arrow()
    asked = replace(asked, config=settled(asked.config))  # all workers read with one file, whatever else they have
    path = find_model(asked.config.model)
    card = Classifier.load(path, backend="onnx", threads=1).card  # what is wrong with it is said once, and at once
    stamp = Stamp.of(card.name, path)
    archive = list_archive(words, list_file=list_file)
    data_set = DataSet(out, root=archive.root, stamp=stamp, settings=asked.settings)
    with locked(out / MADE_FROM):
        return _over(archive, data_set, asked, workers, stamp, overwrite=overwrite, as_json=as_json)


def _over(
    archive: Archive,
    data_set: DataSet,
    asked: Asked,
    workers: Workers,
    stamp: Stamp,
    *,
    overwrite: bool,
    as_json: bool,
) -> bool:
    out = data_set.folder
    failures = Failures(out / FAILED)
    known = {} if overwrite else _known(archive, data_set, failures)
    items = [item for item in archive.items if item.name not in known]
    progress = ArchiveProgress(console, items, done=len(known))
    _say_where(progress, archive)
    try:
        if items:
            with _crew(asked, workers, items, stamp) as crew, progress:
                Run(crew, data_set, failures, progress).over(items)
    finally:
        failures.save()
    if as_json:
        json.dump(summary(progress, out, len(known), failures), sys.stdout, indent=1)
        print()  # noqa: T201
    else:
        print(in_words(progress, out, len(known), failures))  # noqa: T201
    return not failures


def _known(archive: Archive, data_set: DataSet, failures: Failures) -> dict[str, Facts]:
    """What was read before and has not changed; what was lost of it is still told."""
    known = {item.name: facts for item in archive.items if (facts := data_set.done(item)) is not None}
    for name, facts in known.items():
        if facts.loss is not None:
            failures.note(name, facts.loss, partly=True)
    return known


@contextlib.contextmanager
def _crew(asked: Asked, workers: Workers, items: Sequence[Item], stamp: Stamp) -> Iterator[Crew]:
    with contextlib.ExitStack() as leaving:
        crew: Crew
        if workers.engine == "ray":
            leaving.enter_context(join(workers.address, cpus=workers.jobs))
            from app.archive.on_ray import RayCrew

            crew = RayCrew(asked, workers.jobs, model_sha256=stamp.model_sha256)
        else:
            here = [Path(item.path) for item in items if item.uri is None]
            jobs = workers.jobs or default_jobs(here, backend=asked.config.backend)
            crew = LocalCrew(asked, jobs)
        leaving.callback(crew.dismiss)
        yield crew


def _say_where(progress: ArchiveProgress, archive: Archive) -> None:
    places = sorted({item.uri for item in archive.items if item.uri is not None and not _is_here(item.uri)})
    for place in places:
        progress.say(f"{place} is read over the network, since it was named; nothing is sent there")


def _is_here(uri: str) -> bool:
    return is_uri(uri) and uri.lower().startswith("file:")
