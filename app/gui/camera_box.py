"""The side panel's group for the virtual camera: a switch, and its state in words."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QCheckBox, QGroupBox, QLabel, QVBoxLayout, QWidget

#: Text that can be selected with the mouse or the keyboard: messages hold commands to copy.
SELECTABLE = Qt.TextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
SELECTABLE |= Qt.TextInteractionFlag.TextSelectableByKeyboard


class CameraBox(QGroupBox):
    """Switches the virtual camera on and off."""

    switched = pyqtSignal(bool)  # by the user

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Virtual camera", parent)
        self.switch = QCheckBox("Send the picture to &calls")
        self.switch.setToolTip("Zoom, Meet, Teams and browsers see the picture with its labels as a camera")
        self.switch.setAccessibleName("Virtual camera")
        self.switch.clicked.connect(self.switched)
        self._state = QLabel("Off")
        self._state.setWordWrap(True)
        self._state.setTextInteractionFlags(SELECTABLE)
        self._state.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # a command in it can be copied without a mouse
        self._state.setAccessibleName("State of the virtual camera")
        layout = QVBoxLayout(self)
        layout.addWidget(self.switch)
        layout.addWidget(self._state)

    @property
    def state(self) -> str:
        """The state in words."""
        return self._state.text()

    @property
    def on(self) -> bool:
        """Whether the switch is on."""
        return self.switch.isChecked()

    def show_state(self, words: str, on: bool) -> None:
        """Show how the virtual camera is."""
        self._state.setText(words)
        self._state.setAccessibleDescription(words)
        self.switch.setChecked(on)
