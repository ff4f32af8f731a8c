"""Editors: from a row of the table of settings to the widget that edits it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QObject, QSignalBlocker, Qt, pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from app.settings.setting import Setting

from .calm_inputs import CalmComboBox, CalmDoubleSpinBox, CalmSlider, CalmSpinBox
from .translate import tr

#: Text rows that name a folder, and so get a button that asks for one.
FOLDERS = frozenset({"record_folder"})
#: The row that names an installed model or the file of one.
MODEL = "model"
_ASK_FOR_FILE = object()  # the data of the entry that opens the file dialog
_SLIDER_STEPS = 100


class Editor(QObject):
    """Edits one setting.

    ``widget`` goes into a layout; ``label`` is the text beside it, with its mnemonic (of a check box it is its own);
    ``focus_widget`` takes the keyboard, and is the label's buddy.
    """

    changed = pyqtSignal(object)  # the new value, by the user only

    def __init__(self, row: Setting, widget: QWidget, focus_widget: QWidget | None = None) -> None:
        super().__init__(widget)
        self.row, self.widget, self.focus_widget = row, widget, focus_widget or widget
        self.label = tr(row.label)
        for each in {widget, self.focus_widget}:
            each.setToolTip(tr(row.help))
        self.focus_widget.setAccessibleName(self.label.replace("&", ""))
        self.focus_widget.setAccessibleDescription(tr(row.help))

    @property
    def value(self) -> Any:
        """What is chosen now."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value, without telling it back."""
        raise NotImplementedError

    def make_label(self) -> QLabel:
        """The label for beside it, whose mnemonic leads here."""
        label = QLabel(self.label)
        label.setBuddy(self.focus_widget)
        label.setToolTip(self.widget.toolTip())
        return label


class CheckEditor(Editor):
    """Yes or no."""

    def __init__(self, row: Setting) -> None:
        self._box = QCheckBox(tr(row.label))
        super().__init__(row, self._box)
        self._box.clicked.connect(lambda on: self.changed.emit(bool(on)))
        self.set_value(row.default)

    @property
    def value(self) -> bool:
        """Whether it is checked."""
        return self._box.isChecked()

    def set_value(self, value: Any) -> None:
        """Check it or not."""
        self._box.setChecked(bool(value))  # ``clicked`` is for the user alone


class ChoiceEditor(Editor):
    """One of a few; for a model also a file."""

    def __init__(self, row: Setting, choices: Sequence[tuple[str, str]], *, ask_for_file: bool = False) -> None:
        self._combo = CalmComboBox()
        super().__init__(row, self._combo)
        for value, label in choices:
            self._combo.addItem(tr(label), value)
        if ask_for_file:
            self._combo.insertSeparator(self._combo.count())
            self._combo.addItem(tr("Another file…"), _ASK_FOR_FILE)
        self._shown = self._combo.currentIndex()
        self._combo.activated.connect(self._activated)
        self.set_value(row.default)

    @property
    def value(self) -> str:
        """The chosen value, not its label."""
        return str(self._combo.itemData(self._shown))

    def set_value(self, value: Any) -> None:
        """Choose ``value``; one that is not in the list, a model's file, is added."""
        place = self._combo.findData(value)
        if place < 0:
            self._combo.insertItem(0, Path(str(value)).name or str(value), value)
            self._combo.setItemData(0, str(value), Qt.ItemDataRole.ToolTipRole)
            place = 0
        self._shown = place
        self._combo.setCurrentIndex(place)

    def _activated(self, place: int) -> None:
        value = self._combo.itemData(place)
        if value is _ASK_FOR_FILE:
            value, _ = QFileDialog.getOpenFileName(
                self.widget, tr("Choose a model"), str(Path.home()), f"{tr('Models')} (*.onnx)"
            )
        if not value or value == self.value:
            self._combo.setCurrentIndex(self._shown)
            return
        self.set_value(value)
        self.changed.emit(value)


class NumberEditor(Editor):
    """A number in its range: a field, and for what has no whole steps a slider before it."""

    def __init__(self, row: Setting) -> None:
        assert row.least is not None
        assert row.most is not None
        self._scale = 100.0 if row.per_cent else 1.0
        whole = row.kind is int or row.per_cent
        self._spin: CalmSpinBox | CalmDoubleSpinBox = CalmSpinBox() if whole else CalmDoubleSpinBox()
        spin = self._spin
        spin.setRange(self._shown(row.least), self._shown(row.most))
        spin.setSingleStep(self._shown(0.05 if row.kind is float else 1))
        unit = "%" if row.per_cent else tr(row.unit)
        spin.setSuffix(f" {unit}" if unit else "")
        self._slider = CalmSlider() if row.kind is float else None
        super().__init__(row, spin if self._slider is None else QWidget(), spin)
        if self._slider is not None:
            self._join(self._slider)
        spin.valueChanged.connect(self._tell)
        self.set_value(row.default)

    @property
    def value(self) -> Any:
        """The number, a share where per cent are shown."""
        return self.row.kind(self._spin.value() / self._scale)

    def set_value(self, value: Any) -> None:
        """Show a number."""
        with QSignalBlocker(self._spin):
            self._spin.setValue(self._shown(value))
        self._move_slider()

    def _join(self, slider: CalmSlider) -> None:
        layout = QHBoxLayout(self.widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(slider, 1)
        layout.addWidget(self._spin)
        slider.setRange(0, _SLIDER_STEPS)
        slider.setPageStep(_SLIDER_STEPS // 10)
        slider.setAccessibleName(self.focus_widget.accessibleName())
        slider.setAccessibleDescription(tr(self.row.help))
        slider.setToolTip(tr(self.row.help))
        slider.valueChanged.connect(self._slid)

    def _shown(self, value: float) -> Any:
        shown = value * self._scale
        return round(shown) if isinstance(self._spin, CalmSpinBox) else float(shown)

    def _slid(self, step: int) -> None:
        least, most = self._spin.minimum(), self._spin.maximum()
        with QSignalBlocker(self._spin):
            self._spin.setValue(self._shown((least + (most - least) * step / _SLIDER_STEPS) / self._scale))
        self.changed.emit(self.value)

    def _move_slider(self) -> None:
        if self._slider is None:
            return
        least, most = self._spin.minimum(), self._spin.maximum()
        with QSignalBlocker(self._slider):
            self._slider.setValue(round(_SLIDER_STEPS * (self._spin.value() - least) / (most - least)))

    def _tell(self) -> None:
        self._move_slider()
        self.changed.emit(self.value)


class TextEditor(Editor):
    """Free text, told when it is finished; for a folder with a button that asks for one."""

    def __init__(self, row: Setting) -> None:
        self._line = QLineEdit()
        self._told = ""
        super().__init__(row, QWidget() if row.name in FOLDERS else self._line, self._line)
        if self.widget is not self._line:
            layout = QHBoxLayout(self.widget)
            layout.setContentsMargins(0, 0, 0, 0)
            browse = QPushButton(tr("Browse…"))
            browse.setAccessibleName(tr("Browse for a folder"))
            browse.clicked.connect(self._browse)
            layout.addWidget(self._line, 1)
            layout.addWidget(browse)
        self._line.editingFinished.connect(self._tell)
        self.set_value(row.default)

    @property
    def value(self) -> str:
        """The text without spaces around it."""
        return self._line.text().strip()

    def set_value(self, value: Any) -> None:
        """Show a text."""
        self._told = str(value)
        if self.value != value:  # the cursor of somebody who is writing stays where it is
            self._line.setText(self._told)

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self.widget, tr("Choose a folder"), self.value or str(Path.home()))
        if chosen:
            self._line.setText(chosen)
            self._tell()

    def _tell(self) -> None:
        if self.value != self._told:
            self._told = self.value
            self.changed.emit(self._told)


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
    from model.paths import models_folder  # not model.classifier, which brings the runtime

    return [(file.stem, file.stem) for file in sorted(models_folder().glob("*.onnx"))]
