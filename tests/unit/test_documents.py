"""The documents: their links lead somewhere, and what they must name is named."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

LINK = re.compile(r"\[[^\]]*\]\((?!https?://|#)([^)#\s]+)[^)]*\)")


def documents(root: Path) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=root, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git clone: cannot tell which documents belong to it")
    return [root / name for name in listed.stdout.split()]


def test_relative_links_lead_somewhere(project_root: Path) -> None:
    broken = [
        f"{document.relative_to(project_root)}: {target}"
        for document in documents(project_root)
        for target in LINK.findall(document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]
    assert not broken, broken


def test_every_decision_is_in_the_index(project_root: Path) -> None:
    folder = project_root / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    missing = [page.name for page in folder.glob("*.md") if page.name != "README.md" and f"({page.name})" not in index]
    assert not missing, missing


def test_every_shipped_asset_has_its_licence_named(project_root: Path) -> None:
    assets = project_root / "assets"
    text = (assets / "LICENCES.md").read_text(encoding="utf-8")
    files = [
        path for path in assets.rglob("*") if path.is_file() and path.suffix in (".tflite", ".mp4", ".png", ".svg")
    ]
    assert files
    missing = [path.name for path in files if path.name not in text]
    assert not missing, missing


def test_what_is_promised_names_tests_that_exist(project_root: Path) -> None:
    text = (project_root / "docs" / "reliability.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", text)
    assert len(named) > 30
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (path := project_root / "tests" / file).is_file() or f"def {test}(" not in path.read_text("utf-8")
    ]
    assert not missing, missing
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith(("| **", "| ---"))]
    untested = [row for row in rows[1:] if not re.search(r"\.py::\w+` \|$", row)]
    assert not untested, untested


def test_the_licence_is_the_whole_gpl_3(project_root: Path) -> None:
    text = (project_root / "LICENSE").read_text(encoding="utf-8")
    assert text.lstrip().startswith("GNU GENERAL PUBLIC LICENSE")
    assert "Version 3, 29 June 2007" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_changelog_has_a_place_for_what_comes(project_root: Path) -> None:
    assert "## [Unreleased]" in (project_root / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words", ["affectcam classify", "affectcam overlay", "affectcam doctor", "make run", "make test"]
)
def test_the_readme_shows_the_commands(project_root: Path, words: str) -> None:
    assert words in (project_root / "README.md").read_text(encoding="utf-8")
