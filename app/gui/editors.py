"""Editors: from a row of the table of settings to the widget that edits it."""

from __future__ import annotations

from app.settings.setting import Setting

from .choice_editor import ChoiceEditor
from .editor import Editor
from .number_editor import NumberEditor
from .plain_editors import CheckEditor, TextEditor

__all__ = ["CheckEditor", "Editor", "editor_for"]

#: The row that names an installed model or the file of one.
MODEL = "model"


def editor_for(row: Setting) -> Editor:
    """The right editor for a row, showing the row's default."""
    if row.kind is bool:
        return CheckEditor(row)
    if row.name == MODEL:
        return ChoiceEditor(row, _installed_models(), ask_for_file=True)
    if row.choices:
        return ChoiceEditor(row, row.choices)
    return NumberEditor(row) if row.kind in (int, float) else TextEditor(row)


def _installed_models() -> list[tuple[str, str]]:
    """One entry a network: which of its files is run is no choice that says anything to a user."""
    from model.card import INT8
    from model.paths import models_folder  # not model.classifier, which brings the runtime

    names = [file.stem for file in sorted(models_folder().glob("*.onnx"))]
    return [(name, name) for name in names if name.removesuffix(INT8) == name or name.removesuffix(INT8) not in names]
