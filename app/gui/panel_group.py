"""A group of the side panel, made from the rows of the table of settings that belong into it."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QFormLayout, QGroupBox, QVBoxLayout, QWidget

from app.settings import Settings
from app.settings.setting import Group

from .editors import Editor, editor_for
from .translate import tr


class PanelGroup(QGroupBox):
    """Editors of one group's settings, one below the other, and room for what is no setting."""

    changed = pyqtSignal(str, object)  # a setting's name and its new value, by the user

    def __init__(self, group: Group, parent: QWidget | None = None) -> None:
        super().__init__(tr(group.value), parent)
        self.editors: dict[str, Editor] = {}
        self.top, self.form, self.bottom = QVBoxLayout(), QFormLayout(), QVBoxLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        layout = QVBoxLayout(self)
        layout.setSpacing(4)
        layout.setContentsMargins(12, 6, 12, 8)
        for part in (self.top, self.form, self.bottom):
            part.setSpacing(4)
            layout.addLayout(part)
        for row in Settings.rows():
            if row.group is group and row.panel:
                self._add(row.name)

    def show_settings(self, settings: Settings) -> None:
        """Show what is chosen, without telling it back."""
        for name, editor in self.editors.items():
            editor.set_value(getattr(settings, name))

    def _add(self, name: str) -> None:
        editor = editor_for(Settings.row(name))
        self.editors[name] = editor
        editor.changed.connect(lambda value: self.changed.emit(name, value))
        if isinstance(editor.widget, QCheckBox):
            self.form.addRow(editor.widget)
        else:
            self.form.addRow(editor.make_label(), editor.widget)
