"""The side panel's group for the virtual camera: a switch, its state in words, and the way to get one."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QLabel, QPushButton, QWidget

from app.settings.setting import Group

from .panel_group import PanelGroup
from .states import CameraState
from .translate import tr

#: Text that can be selected with the mouse or the keyboard: messages hold commands to copy.
SELECTABLE = Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
SELECTABLE |= Qt.TextInteractionFlag.TextSelectableByKeyboard


class CameraBox(PanelGroup):
    """Switches the virtual camera on and off."""

    switched = pyqtSignal(bool)  # by the user
    help_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Group.CAMERA, parent)
        self.switch = QCheckBox(tr("Send the picture to ca&lls"))
        self.switch.setToolTip(tr("Zoom, Meet, Teams and browsers see the picture with its labels as a camera"))
        self.switch.setAccessibleName(tr("Virtual camera"))
        self.switch.clicked.connect(self.switched)
        self._state = QLabel(tr("Off"))
        self._state.setWordWrap(True)
        self._state.setTextInteractionFlags(SELECTABLE)
        self._state.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # it can be copied without a mouse
        self._state.setAccessibleName(tr("State of the virtual camera"))
        self.help = QPushButton(tr("How to get o&ne…"))
        self.help.clicked.connect(lambda: self.help_wanted.emit())
        self.help.hide()
        self.top.addWidget(self.switch)
        self.bottom.addWidget(self._state)
        self.bottom.addWidget(self.help)

    @property
    def state(self) -> str:
        """The state in words."""
        return self._state.text()

    @property
    def on(self) -> bool:
        """Whether the switch is on."""
        return self.switch.isChecked()

    def show_state(self, state: CameraState) -> None:
        """Show how the virtual camera is."""
        # How to get one has a page of its own; the panel gives the reason.
        text = tr(state.words).split("\n\n")[0] if state.missing else tr(state.words)
        self._state.setText(text)
        self._state.setAccessibleDescription(text)
        self.switch.setChecked(state.on)
        self.help.setVisible(state.missing)
