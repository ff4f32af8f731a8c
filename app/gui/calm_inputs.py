"""Combo boxes, sliders and number fields that the mouse wheel changes only while they have the focus.

They stand in panels that are scrolled with the same wheel.
"""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QWheelEvent
from PyQt5.QtWidgets import QComboBox, QDoubleSpinBox, QSlider, QSpinBox, QWidget


def _only_with_focus(widget: QWidget, event: QWheelEvent | None) -> bool:
    if widget.hasFocus():
        return True
    if event is not None:
        event.ignore()  # the panel around it scrolls
    return False


class CalmComboBox(QComboBox):
    """A combo box that is at most as wide as its panel, whatever its entries."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Change the choice only with the focus."""
        if _only_with_focus(self, event):
            super().wheelEvent(event)


class CalmSlider(QSlider):
    """A horizontal slider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Move only with the focus."""
        if _only_with_focus(self, event):
            super().wheelEvent(event)


class CalmSpinBox(QSpinBox):
    """A field for a whole number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)  # "1" on the way to "120" is not meant

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Count only with the focus."""
        if _only_with_focus(self, event):
            super().wheelEvent(event)


class CalmDoubleSpinBox(QDoubleSpinBox):
    """A field for a number with decimals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Count only with the focus."""
        if _only_with_focus(self, event):
            super().wheelEvent(event)
