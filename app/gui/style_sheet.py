"""The flat look over Qt's Fusion style, in one of the two sets of colours."""

from __future__ import annotations

from string import Template

from model.paths import assets_folder

from .colours import Colours

# Sizes are in Qt's pixels, which it scales with the screen. Every control that takes the keyboard has a ring.
_SHEET = Template(
    """
QPushButton, QToolButton {
    background: $raised; border: 1px solid $edge; border-radius: 6px; padding: 5px 12px; min-height: 18px;
}
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $line; }
QPushButton:checked, QToolButton:checked { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton:default { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton:disabled, QToolButton:disabled { background: $window; color: $off; border-color: $line; }
QPushButton:focus, QToolButton:focus { border: 2px solid $link; padding: 4px 11px; }
QPushButton:default:focus, QPushButton:checked:focus, QToolButton:checked:focus { border-color: $text; }
QPushButton:flat { border-color: transparent; background: transparent; }

QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit {
    background: $base; border: 1px solid $edge; border-radius: 6px; padding: 4px 8px; min-height: 18px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus {
    border: 2px solid $link; padding: 3px 7px;
}
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {
    background: $window; color: $off; border-color: $line;
}
QLineEdit[readOnly="true"] { background: $window; }
QComboBox { background: $raised; padding-right: 22px; }
QComboBox:hover { background: $hover; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$icons/chevron-down-$name.svg"); width: 14px; height: 14px; }
QComboBox QAbstractItemView {
    background: $base; border: 1px solid $edge; padding: 3px; outline: none;
    selection-background-color: $accent; selection-color: $on_accent;
}
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 6px; }
QSpinBox, QDoubleSpinBox { padding-right: 22px; }
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::down-button {
    border: none; width: 20px; subcontrol-origin: border;
}
QSpinBox::up-button, QDoubleSpinBox::up-button { subcontrol-position: top right; margin: 3px 3px 0 0; }
QSpinBox::down-button, QDoubleSpinBox::down-button { subcontrol-position: bottom right; margin: 0 3px 3px 0; }
QSpinBox::up-button:hover, QDoubleSpinBox::up-button:hover, QSpinBox::down-button:hover,
QDoubleSpinBox::down-button:hover { background: $hover; border-radius: 3px; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url("$icons/chevron-up-$name.svg"); width: 11px; height: 11px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {
    image: url("$icons/chevron-down-$name.svg"); width: 11px; height: 11px;
}

QCheckBox { spacing: 8px; padding: 3px 2px; }
QCheckBox::indicator { width: 16px; height: 16px; border: 1px solid $edge; border-radius: 4px; background: $base; }
QCheckBox::indicator:hover { background: $hover; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$icons/check.svg"); }
QCheckBox::indicator:disabled { background: $window; border-color: $line; }
QCheckBox::indicator:checked:disabled { background: $off; }
QCheckBox:focus { border: 2px solid $link; border-radius: 6px; padding: 1px 0; }
QCheckBox:disabled { color: $off; }

QSlider:horizontal { min-height: 24px; border: 2px solid transparent; border-radius: 6px; }
QSlider:horizontal:focus { border-color: $link; }
QSlider::groove:horizontal { height: 4px; background: $line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal {
    width: 14px; height: 14px; margin: -6px 0; border: 1px solid $edge; border-radius: 8px; background: $raised;
}
QSlider::handle:horizontal:hover { background: $hover; }
QSlider::sub-page:horizontal:disabled { background: $off; }

QGroupBox {
    background: transparent; border: 1px solid $line; border-radius: 8px; margin-top: 9px; padding: 12px 8px 6px 8px;
    font-weight: 600;
}
QGroupBox::title { subcontrol-origin: margin; left: 10px; padding: 0 4px; color: $dim; }

QListWidget { background: $base; border: 1px solid $line; border-radius: 8px; padding: 4px; outline: none; }
QListWidget:focus { border: 2px solid $link; padding: 3px; }
QListWidget::item { padding: 6px 8px; border-radius: 5px; }
QListWidget::item:hover { background: $hover; }
QListWidget::item:selected { background: $accent; color: $on_accent; }
QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { width: 10px; background: transparent; margin: 0; }
QScrollBar:horizontal { height: 10px; background: transparent; margin: 0; }
QScrollBar::handle { background: $edge; border-radius: 4px; margin: 1px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $dim; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
    background: none; border: none; width: 0; height: 0;
}

QProgressBar { background: $line; border: none; border-radius: 3px; max-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QMenuBar { background: $window; padding: 2px 6px; }
QMenuBar::item { padding: 4px 9px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $base; border: 1px solid $edge; padding: 5px; }
QMenu::item { padding: 6px 26px 6px 26px; border-radius: 5px; }
QMenu::item:selected { background: $accent; color: $on_accent; }
QMenu::item:disabled { color: $off; }
QMenu::separator { height: 1px; background: $line; margin: 5px 8px; }
QToolTip { background: $raised; color: $text; border: 1px solid $edge; padding: 4px 6px; }
QStatusBar { background: $window; color: $dim; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $dim; }
QLabel#key { background: $raised; border: 1px solid $edge; border-radius: 5px; padding: 2px 7px; }
QLabel#command { background: $base; border: 1px solid $line; border-radius: 6px; padding: 7px 9px; }
QLabel#command:focus { border: 2px solid $link; padding: 6px 8px; }
QLabel[focusPolicy="11"]:focus { border: 2px solid $link; border-radius: 6px; }
"""
)


def style_sheet(colours: Colours) -> str:
    """The look as Qt's style sheet."""
    icons = (assets_folder() / "icons").as_posix()
    values = {field: getattr(colours, field) for field in colours.__dataclass_fields__}
    return _SHEET.substitute(values, icons=icons)
