"""The editor for a number."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QSignalBlocker
from PyQt5.QtWidgets import QHBoxLayout, QWidget

from app.settings.setting import Setting

from .calm_inputs import CalmDoubleSpinBox, CalmSlider, CalmSpinBox
from .editor import Editor
from .translate import tr

_SLIDER_STEPS = 100


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
