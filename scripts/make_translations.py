"""Collects the window's texts for translation: ``python scripts/make_translations.py [--check] [LANGUAGE...]``.

Writes ``assets/translations/affectcam_<language>.ts`` (XML, where translators work, with Qt Linguist or an editor) and
makes of it, with Qt's ``lrelease``, the ``.qm`` that the window reads. Translations that are there stay; a text that is
no longer asked for is dropped with ``--drop`` and else kept as vanished, since texts often come back a little changed.
"""

from __future__ import annotations

import argparse
import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "assets" / "translations"
CONTEXT = "affectcam"
LANGUAGES = ("de",)
#: Files whose upper-case constants are texts.
CONSTANTS = ("app/gui/words.py",)


def collect() -> dict[str, str]:
    """Every text that the window may show, and where it comes from."""
    texts: dict[str, str] = {}
    for text, place in (*_called(), *_constants(), *_tables()):
        if any(sign.isalpha() for sign in text):  # "640 × 480" is the same in every language
            texts.setdefault(text, place)
    return texts


def _called() -> Iterator[tuple[str, str]]:
    """What stands in calls of ``tr`` and ``mark``, also by the name of a constant of the same file."""
    for file in sorted((ROOT / "app" / "gui").glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        constants = dict(_assigned(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("tr", "mark"):
                text = node.args[0]
                for literal in _literals(constants.get(text.id, text) if isinstance(text, ast.Name) else text):
                    yield literal, f"app/gui/{file.name}"


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        raise SystemExit(f"a text for translation cannot be an f-string: {ast.unparse(node)}; fill it afterwards")


def _constants() -> Iterator[tuple[str, str]]:
    for name in CONSTANTS:
        for constant, value in _assigned(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
            if constant.isupper() and not constant.startswith("_"):
                for text in _literals(value):
                    yield text, name


def _tables() -> Iterator[tuple[str, str]]:
    """What tables hold that know no Qt, or that are shown by one loop."""
    from app.gui import welcome_text
    from app.gui.actions import ACTIONS
    from app.settings import Settings
    from app.settings.setting import Group
    from app.sinks.camera_help import camera_help
    from model.emotions import LABELS

    for group in Group:
        yield group.value, "app/settings/setting.py"
    for row in Settings.rows():
        if row.group is not Group.HIDDEN:
            for text in (row.label, row.help, row.unit, *(label for _, label in row.choices)):
                yield text, "app/settings/table.py"
    for action in ACTIONS:
        for text in (action.text, action.short, action.help):
            yield text, "app/gui/actions.py"
    for text in (welcome_text.TITLE, welcome_text.INTRODUCTION, *(x for pair in welcome_text.PARAGRAPHS for x in pair)):
        yield text, "app/gui/welcome_text.py"
    for system in ("linux", "win32", "darwin"):
        help_ = camera_help(system)
        for text in (help_.title, help_.why, *(step.text for step in help_.steps)):
            yield text, "app/sinks/camera_help.py"
    for label in LABELS:
        yield label, "model/emotions.py"


def read(path: Path) -> dict[str, str]:
    """The translations of a file: text -> translation, empty where there is none yet."""
    if not path.exists():
        return {}
    return {
        message.findtext("source") or "": message.findtext("translation") or ""
        for message in ElementTree.parse(path).iter("message")
    }


def write(path: Path, language: str, texts: dict[str, str], translations: dict[str, str], *, drop: bool) -> None:
    """Write a file of translations: all texts in their order, and after them what has vanished."""
    root = ElementTree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = ElementTree.SubElement(root, "context")
    ElementTree.SubElement(context, "name").text = CONTEXT
    vanished = [] if drop else [text for text, done in translations.items() if text not in texts and done]
    for text in (*texts, *vanished):
        message = ElementTree.SubElement(context, "message")
        if text in texts:
            ElementTree.SubElement(message, "location", filename=f"../../{texts[text]}")
        ElementTree.SubElement(message, "source").text = text
        translation = ElementTree.SubElement(message, "translation")
        translation.text = translations.get(text, "")
        if text in vanished:
            translation.set("type", "vanished")
        elif not translation.text:
            translation.set("type", "unfinished")
    ElementTree.indent(root, " " * 4)
    body = ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")


def release(path: Path) -> None:
    """Make the ``.qm`` beside a ``.ts``."""
    program = shutil.which("lrelease") or shutil.which("lrelease-qt5")
    if program is None:
        raise SystemExit("lrelease is not installed; sudo apt install qttools5-dev-tools")
    subprocess.run([program, "-silent", str(path), "-qm", str(path.with_suffix(".qm"))], check=True)


def main() -> int:
    """Collect, merge, release; with ``--check`` only say what is missing."""
    parser = argparse.ArgumentParser(description="Collect the window's texts for translation.")
    parser.add_argument("languages", nargs="*", default=LANGUAGES, help="codes, such as de")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if a translation is missing")
    parser.add_argument("--drop", action="store_true", help="forget translations of texts that are no longer asked for")
    words = parser.parse_args()
    texts, missing = collect(), 0
    for language in words.languages:
        path = FOLDER / f"affectcam_{language}.ts"
        translations = read(path)
        lacking = [text for text in texts if not translations.get(text)]
        missing += len(lacking)
        if not words.check:
            write(path, language, texts, translations, drop=words.drop)
            release(path)
        for text in lacking:
            print(f"{language}: not translated: {text!r} ({texts[text]})")
        print(f"{language}: {len(texts) - len(lacking)} of {len(texts)} texts are translated")
    return 1 if words.check and missing else 0


if __name__ == "__main__":
    sys.exit(main())
