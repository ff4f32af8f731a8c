"""The line below the window: what is measured, how the recording is, and the model that reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLabel, QStatusBar, QWidget

from . import words
from .translate import tr

if TYPE_CHECKING:
    from app.pipeline.live import LiveStatus

    from .states import Reader, RecordingState


class StatusLine(QStatusBar):
    """Three texts, over which a notice may stand for a while."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured, self._recording, self._model = QLabel(), QLabel(), QLabel()
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 8, 2)
        self.addWidget(self._measured, 1)
        self.addPermanentWidget(self._recording)
        self.addPermanentWidget(self._model)
        self._measured.setAccessibleName(tr("Measured"))
        self._recording.setAccessibleName(tr("Recording"))
        self._model.setAccessibleName(tr("Model"))
        self._recording.setTextFormat(Qt.TextFormat.PlainText)

    @property
    def text(self) -> str:
        """All that stands there, notices aside."""
        return f"{self._measured.text()}  {self._recording.text()}  {self._model.text()}"

    def show_measured(self, status: LiveStatus | None) -> None:
        """Show the figures of what runs; with None there are none."""
        self._measured.setText("" if status is None else words.status_line(status))

    def show_recording(self, state: RecordingState) -> None:
        """Show how the recording is, while there is one."""
        self._recording.setText(f"● {state.words}" if state.on else "")
        self._recording.setStyleSheet("color: #d32f2f" if state.on else "")

    def show_reader(self, reader: Reader) -> None:
        """Show which model reads, and what runs it."""
        self._model.setText(words.model_line(reader.card.name, reader.provider))

    def show_notice(self, message: str) -> None:
        """Show for a while that something was done."""
        self.showMessage(tr(message), 6000)
