"""The words of the command line for what is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.commands import classify, overlay
from app.commands.one_file import Wanted
from app.pipeline.draw_style import DrawStyle


@pytest.fixture
def styles(monkeypatch: pytest.MonkeyPatch) -> list[DrawStyle]:
    """The styles with which commands are run, which do nothing."""
    seen: list[DrawStyle] = []

    def run_files(_paths: list[Path], wanted: Wanted, **_: Any) -> bool:
        seen.append(wanted.style)
        return True

    def run_live(*_: Any, style: DrawStyle, **__: Any) -> None:
        seen.append(style)

    monkeypatch.setattr(classify, "classify_files", run_files)
    monkeypatch.setattr(overlay, "run_overlay", run_live)
    return seen


@pytest.mark.parametrize("command", [["overlay"], ["classify", "talk.mp4"]])
@pytest.mark.parametrize(
    ("words", "kind", "palette"),
    [
        ([], "box", "standard"),
        (["--bars"], "bars", "standard"),
        (["--style", "bars", "--bars"], "bars", "standard"),
        (["--style", "emoji", "--palette", "tol-bright"], "emoji", "tol-bright"),
        (["--style", "none"], "none", "standard"),
    ],
)
def test_style_and_palette_are_asked_for(
    styles: list[DrawStyle], command: list[str], words: list[str], kind: str, palette: str
) -> None:
    assert main([*command, *words]) == 0
    (style,) = styles
    assert (style.kind, style.palette) == (kind, palette)


def test_a_call_is_told_by_the_badge_and_a_file_is_not(styles: list[DrawStyle]) -> None:
    assert main(["overlay"]) == main(["overlay", "--no-badge"]) == main(["classify", "talk.mp4"]) == 0
    assert [style.badge for style in styles] == [True, False, False]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--style", "hat"], "--style is 'hat', expected one of label, box, bars, emoji, none"),
        (["--palette", "mud"], "--palette is 'mud', expected one of standard"),
        (["--style", "label", "--bars"], "--bars is short for --style bars, but --style is 'label'; leave one out"),
    ],
)
def test_other_words_are_wrong(
    styles: list[DrawStyle], capsys: pytest.CaptureFixture[str], words: list[str], expected: str
) -> None:
    for command in (["overlay"], ["classify", "talk.mp4"]):
        assert main([*command, *words]) == 2
        assert expected in capsys.readouterr().err
    assert styles == []
