"""The page that shows what works on this machine: the same checks as ``affectcam doctor``.

The checks are in English whatever the window speaks, so that a report can be read by whoever helps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QFont, QPalette
from PyQt5.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.doctor.check import Check, State
from app.doctor.report import report_text

from .background import Background
from .colours import colours_for
from .dialog_parts import MARGIN, CopyButton, close_button, heading, paragraph, scrolled, secondary, title
from .translate import tr

_SIGNS: dict[State, str] = {"ok": "✓", "warn": "!", "fail": "✗"}


class DiagnosePage(QDialog):
    """Runs the checks beside the window and lists them; the report can be copied without personal data."""

    def __init__(self, look: Callable[[], Sequence[Check]], parent: QWidget | None = None) -> None:
        """Make the page; :meth:`check` begins.

        Args:
            look: :func:`app.doctor.run_checks`; called in a thread of its own.
            parent: the window.
        """
        super().__init__(parent)
        self.checks: tuple[Check, ...] = ()
        self._look = look
        self._background = Background("diagnose", self)
        self._background.done.connect(self.show_checks)
        self._background.failed.connect(self._show_failure)
        self.setWindowTitle(tr("Diagnose"))
        self.resize(720, 560)
        self.summary = title("")
        self.note = secondary(tr("The copied report names no person, no machine and no serial number."))
        self.again = QPushButton(tr("Check &again"))
        self.again.setDefault(True)
        self.again.clicked.connect(lambda: self.check())
        self.copy = CopyButton(tr("Copy &report"))
        self._room = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN - 4, MARGIN, 14)
        column.setSpacing(10)
        column.addWidget(self.summary)
        column.addLayout(self._room, 1)
        column.addWidget(self.note)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        buttons.addWidget(close_button(self))
        buttons.addWidget(self.again)
        column.addLayout(buttons)
        self._show([])

    def check(self) -> None:
        """Look at everything, beside the window; what was found before goes away."""
        self.summary.setText(tr("Looking at this machine…"))
        self.again.setEnabled(False)
        self.copy.setEnabled(False)
        self._background.run(self._look)

    def show_checks(self, checks: Sequence[Check]) -> None:
        """List what was found."""
        self.checks = tuple(checks)
        self.summary.setText(_summary(self.checks))
        self.copy.text_to_copy = report_text(self.checks)
        self.copy.setEnabled(True)
        self.again.setEnabled(True)
        self._show(self.checks)

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until nothing looks any more; True if that is so."""
        return self._background.join(timeout_s)

    def _show_failure(self, message: str) -> None:
        self.show_checks([Check(name="Diagnose", state="fail", detail=message)])

    def _show(self, checks: Sequence[Check]) -> None:
        while (item := self._room.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(2, 1)
        for check in checks:
            place = grid.rowCount()
            grid.addWidget(self._sign(check.state), place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_short(heading(check.name)), place, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(paragraph(check.detail), place, 2, Qt.AlignmentFlag.AlignTop)
            if check.cure:
                cure = paragraph(tr("To do: {cure}").format(cure=check.cure))
                cure.setForegroundRole(QPalette.PlaceholderText)
                grid.addWidget(cure, place + 1, 2)
            grid.setRowMinimumHeight(place + 2, 6)
        grid.setRowStretch(grid.rowCount(), 1)
        self._room.addWidget(scrolled(page))

    def _sign(self, state: State) -> QLabel:
        colours = colours_for(self.palette())
        colour = {"ok": colours.good, "warn": colours.warn, "fail": colours.bad}[state]
        words = {"ok": tr("works"), "warn": tr("worth a look"), "fail": tr("does not work")}[state]
        sign = QLabel(_SIGNS[state])
        font = QFont(sign.font())
        font.setWeight(QFont.Bold)
        sign.setFont(font)
        sign.setStyleSheet(f"color: {colour}")
        sign.setFixedWidth(16)
        sign.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        sign.setToolTip(words)
        sign.setAccessibleName(words)
        return sign


def _summary(checks: Sequence[Check]) -> str:
    failed = sum(check.state == "fail" for check in checks)
    doubtful = sum(check.state == "warn" for check in checks)
    if failed:
        return tr("1 thing does not work") if failed == 1 else tr("{count} things do not work").format(count=failed)
    if doubtful:
        return (
            tr("1 thing is worth a look")
            if doubtful == 1
            else tr("{count} things are worth a look").format(count=doubtful)
        )
    return tr("Everything works")


def _short(label: QLabel) -> QLabel:
    label.setWordWrap(False)
    return label
