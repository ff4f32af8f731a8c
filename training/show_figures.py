"""An evaluation as tables of at most 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from model.emotions import LABELS

from .end_to_end import EndToEnd
from .evaluation import Evaluation
from .group_misses import Reach
from .groups import FEWEST, Gap, GroupFigures, Grouping
from .groups_file import first_of
from .intervals import Pair
from .metrics import Figures, in_report_orientation
from .robustness import LEVELS, Spoilt

_SHORT = [label[:4] for label in LABELS]


def show(evaluation: Evaluation, console: Console) -> None:
    """Print the figures."""
    figures, intervals = evaluation.figures, evaluation.intervals
    _line(
        console,
        f"pictures {figures.count}   accuracy {figures.accuracy:.4f}   mean recall {figures.mean_recall:.4f}   "
        f"macro F1 {figures.macro_f1:.4f}   calibration error {figures.calibration_error:.4f}",
    )
    _line(
        console,
        f"95 % intervals ({intervals.resamples} bootstraps by {intervals.unit}): accuracy {_pair(intervals.accuracy)}, "
        f"mean recall {_pair(intervals.mean_recall)}",
    )
    _line(
        console,
        f"log loss {figures.log_loss:.4f}   calibration error before the temperature of {evaluation.temperature:.3f}: "
        f"{evaluation.calibration_error_before_temperature:.4f}",
    )
    _line(console, f"{evaluation.model} on {evaluation.split}, {evaluation.provider}, {evaluation.seconds:.1f} s")
    console.print(_confusion_table(figures))
    if evaluation.int8 is not None:
        _show_int8(evaluation, console)
    if evaluation.robustness is not None:
        console.print(_robustness_table(evaluation.robustness, figures))
    if evaluation.valence_arousal:
        _show_valence_arousal(evaluation, console)
    if evaluation.groups is not None:
        _show_groups(evaluation.groups, console)
    if evaluation.end_to_end is not None:
        _show_end_to_end(evaluation.end_to_end, evaluation.photographs or {}, console)
        for column, reaches in (evaluation.end_to_end_groups or {}).items():
            console.print(_reach_table(column, reaches))


def _confusion_table(figures: Figures) -> Table:
    """In the report's orientation: what was read from top to bottom, what is true from left to right."""
    table = Table("read \\ true", *_SHORT, "precision", padding=(0, 0), title="rows: read as; columns: true class")
    table.title_justify = "left"
    for name, row in zip(LABELS, in_report_orientation(figures.confusion), strict=True):
        precision = figures.precision.get(name)
        table.add_row(name, *map(str, row), _share(precision))
    table.add_section()
    table.add_row("recall", *(_share(figures.recall.get(name)) for name in LABELS), "")
    return table


def _show_int8(evaluation: Evaluation, console: Console) -> None:
    assert evaluation.int8 is not None
    ours, theirs = evaluation.figures, evaluation.int8.figures
    _line(
        console,
        f"int8 ({evaluation.int8.model}): accuracy {theirs.accuracy:.4f} "
        f"({_points(theirs.accuracy - ours.accuracy)}), mean recall {theirs.mean_recall:.4f} "
        f"({_points(theirs.mean_recall - ours.mean_recall)}), same answer on {evaluation.int8.same_answers:.1%}",
    )


def _robustness_table(found: Sequence[Spoilt], clean: Figures) -> Table:
    table = Table("spoilt by", "how much", "level", "accuracy", "points", "mean recall", "points", padding=(0, 1))
    for each in found:
        table.add_row(
            each.name if each.level == LEVELS[0] else "",
            f"{each.amount:g}",
            each.level,
            f"{each.figures.accuracy:.4f}",
            f"{100 * (each.figures.accuracy - clean.accuracy):+.1f}",
            f"{each.figures.mean_recall:.4f}",
            f"{100 * (each.figures.mean_recall - clean.mean_recall):+.1f}",
            end_section=each.level == LEVELS[-1],
        )
    units = dict.fromkeys(f"{each.name}: {each.unit}" for each in found)
    table.caption, table.caption_justify = "; ".join(units), "left"
    return table


def _show_valence_arousal(evaluation: Evaluation, console: Console) -> None:
    origin = "learned" if evaluation.learned_valence_arousal else "derived from the scores"
    table = Table(origin, "pictures", "RMSE", "CCC", "same sign", padding=(0, 1))
    for name, each in evaluation.valence_arousal.items():
        table.add_row(name, str(each.count), f"{each.rmse:.3f}", f"{each.ccc:.3f}", f"{each.same_sign:.1%}")
    console.print(table)


def _show_groups(groups: GroupFigures, console: Console) -> None:
    matched = groups.matched
    _line(console, f"groups of {groups.file}: {matched.found} pictures")
    for kind, names in (("not a picture of the split", matched.unknown), ("of several pictures", matched.ambiguous)):
        if names:
            _line(console, f"  {len(names)} name(s) {kind}: {first_of(names)}")
    for column, grouping in groups.groupings.items():
        console.print(_group_table(column, grouping))
        _show_gaps(grouping, console)


def _group_table(column: str, grouping: Grouping) -> Table:
    table = Table(escape(column), "pictures", "accuracy", "95 %", "mean recall", "calib.", "surplus", padding=(0, 0))
    table.title, table.title_justify = "calib.: calibration error; surplus: mean confidence − accuracy", "left"
    for name, group in grouping.groups.items():
        table.add_row(
            escape(name) + (" *" if group.small else ""),
            str(group.figures.count),
            f"{group.figures.accuracy:.3f}",
            _pair(group.intervals.accuracy),
            f"{group.figures.mean_recall:.3f}",
            f"{group.figures.calibration_error:.3f}",
            f"{group.overconfidence:+.3f}",
        )
    notes = [f"* fewer than {FEWEST} pictures: not compared"] if any(g.small for g in grouping.groups.values()) else []
    notes += [f"{grouping.without} picture(s) without a group"] if grouping.without else []
    table.caption, table.caption_justify = "; ".join(notes) or None, "left"
    return table


def _show_gaps(grouping: Grouping, console: Console) -> None:
    if not grouping.gaps:
        _line(console, f"  no gap: fewer than two groups of at least {FEWEST} pictures")
    for gap in grouping.gaps:
        _line(console, f"{'  ' if gap.certain else '~ '}{_gap(gap)}")
    if not all(gap.certain for gap in grouping.gaps):
        _line(console, "  (~ may be chance: the 95 % interval of the difference holds 0)")


def _gap(gap: Gap) -> str:
    low, high = (100 * bound for bound in gap.interval)
    sign = "+" if gap.measure == "overconfidence" else ""
    return (
        f"{gap.measure.replace('_', ' ')}: {gap.higher} {gap.higher_value:{sign}.3f}, {gap.lower} "
        f"{gap.lower_value:{sign}.3f}: {100 * gap.difference:.1f} points [{low:.1f}, {high:.1f}]"
    )


def _show_end_to_end(whole: EndToEnd, source: dict[str, str], console: Console) -> None:
    _line(
        console,
        f"end to end on {source.get('source', 'photographs')} ({source.get('split', 'all')}): {whole.pictures} "
        f"pictures, no face found in {whole.misses} ({whole.misses / whole.pictures:.2%}), "
        f"several in {whole.several_faces}",
    )
    if whole.unreadable:
        _line(console, f"  {len(whole.unreadable)} unreadable: {first_of(whole.unreadable, 1)}")
    table = Table("", "accuracy", "mean recall", padding=(0, 1))
    table.add_row("found by the detector", *_two(whole.found))
    table.add_row("misses counted as wrong", f"{whole.accuracy:.4f}", f"{whole.mean_recall:.4f}")
    compared = whole.compared
    if compared is not None:
        table.add_section()
        table.add_row(f"ideal crops ({compared.ideal.kind})", *_two(compared.figures))
        table.add_row("ideal, where found", *_two(compared.figures_where_found))
        table.add_section()
        table.add_row(
            "difference, where found", *map(_points, (compared.accuracy_where_found, compared.mean_recall_where_found))
        )
        table.add_row("difference, misses wrong", *map(_points, (compared.accuracy, compared.mean_recall)))
    console.print(table)
    _line(console, f"95 % interval of the accuracy, misses wrong: {_pair(whole.intervals.accuracy)}")
    if compared is not None:
        low, high = (100 * bound for bound in compared.accuracy_interval)
        _line(console, f"95 % interval of its difference: {low:+.1f} to {high:+.1f} points")
    else:
        _line(console, f"no ideal crops: {whole.no_ideal}")


def _reach_table(column: str, reaches: dict[str, Reach]) -> Table:
    table = Table(escape(column), "photographs", "not found", "share", "accuracy", padding=(0, 1))
    table.title, table.title_justify = "end to end by group; misses count as wrong", "left"
    for name, reach in reaches.items():
        small = " *" if reach.pictures < FEWEST else ""
        table.add_row(
            escape(name) + small,
            str(reach.pictures),
            str(reach.misses),
            f"{reach.misses / reach.pictures:.2%}",
            f"{reach.accuracy:.3f}",
        )
    return table


def _line(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True, markup=False)


def _two(figures: Figures) -> Sequence[str]:
    return f"{figures.accuracy:.4f}", f"{figures.mean_recall:.4f}"


def _pair(pair: Pair) -> str:
    return f"{pair[0]:.3f}–{pair[1]:.3f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _points(difference: float) -> str:
    return f"{100 * difference:+.2f} points"
