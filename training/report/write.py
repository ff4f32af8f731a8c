"""From a run's folder to the HTML file."""

from __future__ import annotations

import datetime
import functools
from pathlib import Path
from typing import Any

import jinja2

from model.emotions import LABELS, Emotion
from model.errors import DataError
from model.whole_file import replacing, write_through

from .. import report_figures
from ..config import Config
from . import comparison, curves, field_figures, origins, scores, sweeps, words
from .inside import look_inside, reading_rows
from .run_folder import RunFolder, read_run
from .second_check import second_check
from .verdict import verdict

#: What a data set's published accuracies are called in field_figures, by the kind of the data.
_FIELD_COLUMN = {"affectnet": "affectnet_8", "rafdb": "rafdb", "ferplus": "ferplus"}


def write_report(config: Config, folder: Path) -> Path:
    """Write the report of a run, whole or not at all; what a run has not is said in one line in its place.

    Raises:
        DataError: there is nothing to report on, or the disk refuses.
    """
    run = read_run(folder)
    if not (run.train_log or run.evaluate or run.pretrain_log or run.tune):
        raise DataError(f"{folder}: nothing to report on yet; run the train step first")
    path = Path(config.report.path) if config.report.path else folder / "report.html"
    content = render(config, run)
    try:
        with replacing(path) as part:
            write_through(part, content.encode())
    except OSError as error:
        raise DataError(f"{path}: cannot write the report ({error.strerror or error})") from None
    return path


def render(config: Config, run: RunFolder) -> str:
    """The report as one HTML text."""
    inside = look_inside(config, run.folder)
    model = origins.model_file(run, config)
    check = second_check(model, config, multiply_adds=inside.multiply_adds) if model and run.evaluate else None
    confusion = scores.confusion_of(run.evaluate)
    others = comparison.run_rows(run, config.report.compare)
    logs = [(run.name, run.train_log)]
    logs += [(other.name, other.train_log) for other in map(read_run, map(Path, config.report.compare))]
    files = origins.file_rows(run, config)
    view: dict[str, Any] = {
        "config": config,
        "settings": origins.as_toml(config),
        "run": run,
        "made": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "labels": LABELS,
        "colours": ["#{2:02x}{1:02x}{0:02x}".format(*emotion.colour) for emotion in Emotion],
        "model": files[0] if run.evaluate and files else None,
        "verdict": verdict(run.evaluate, check, config),
        "interval_of": scores.interval_of,
        "train_curves": curves.curves(run.train_log),
        "pretrain_curves": curves.curves(run.pretrain_log),
        "best_epoch": curves.best_epoch(run.train_log),
        "confusion": scores.confusion_rows(confusion) if confusion else [],
        "classes": scores.class_rows(run.evaluate),
        "check": check,
        "groups": scores.group_tables(run.evaluate),
        "conditions": sweeps.conditions_of(run.tune),
        "sweeps": sweeps.sweeps_of(run.tune),
        "joint": sweeps.joint_of(run.tune),
        "others": others,
        "other_curves": curves.compared_curves(logs) if len(logs) > 1 else None,
        "theirs": report_figures,
        "field": field_figures,
        "field_column": _FIELD_COLUMN.get(config.data.kind, ""),
        "inside": inside,
        "readings": reading_rows(config, run.readings),
        "epochs_read": sorted({row["epoch"] for row in run.readings}),
        "steps": origins.step_rows(run),
        "data": origins.data_rows(config),
        "files": files,
        "versions": origins.versions(),
    }
    return _templates().get_template("report.html").render(view)


@functools.cache
def _templates() -> jinja2.Environment:
    # Names in data sets are anybody's: everything is escaped but what the chart functions mark as drawn by us.
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("training.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = (words.percent, words.points, words.decimal, words.count, words.short, words.size, words.duration)
    found.filters.update({function.__name__: function for function in (*shown, words.plain, words.text)})
    found.filters["table"], found.filters["real"] = words.table, words.real
    found.globals["chart_of_reliability"] = _reliability
    return found


def _reliability(bins: Any) -> Any:
    from .charts import reliability_chart

    return reliability_chart(bins)
