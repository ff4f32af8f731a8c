"""The side panel: four groups, and a scroll bar where the window is low."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.settings import Settings
from app.settings.setting import Group

from .camera_box import CameraBox
from .panel_group import PanelGroup
from .reading_box import ReadingBox
from .source_box import SourceBox
from .translate import tr

_WIDTH = 320


class Panel(QScrollArea):
    """Source, reading, overlay and virtual camera, one below the other."""

    changed = pyqtSignal(str, object)  # a setting's name and its new value, by the user

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source, self.reading, self.camera = SourceBox(), ReadingBox(), CameraBox()
        self.overlay = PanelGroup(Group.OVERLAY)
        self.groups: tuple[PanelGroup, ...] = (self.source, self.reading, self.overlay, self.camera)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(10)
        for group in self.groups:
            column.addWidget(group)
            group.changed.connect(self.changed)
        column.addStretch(1)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedWidth(_WIDTH)
        self.setAccessibleName(tr("Settings of the call"))

    def show_settings(self, settings: Settings) -> None:
        """Show what is chosen, without telling it back."""
        for group in self.groups:
            group.show_settings(settings)
        self.reading.show_person(settings.person)
