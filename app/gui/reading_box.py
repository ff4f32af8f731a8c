"""The side panel's group for the reading: which model, whose face, how steady, and the calibration."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QInputDialog, QLabel, QLineEdit, QProgressBar, QPushButton, QWidget

from app.settings.setting import Group

from .calm_inputs import CalmComboBox
from .panel_group import PanelGroup
from .states import CalibrationState
from .translate import tr

_WORDS = (
    "Look at the camera with a calm, neutral face for three seconds.\n"
    "The result is kept on this machine, as numbers, under the name:"
)


class ReadingBox(PanelGroup):
    """The reading's settings, the model's card, and the button that calibrates."""

    card_wanted = pyqtSignal()
    calibration_wanted = pyqtSignal(str)  # a name for the person

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Group.READING, parent)
        self.person = ""
        self.card = QPushButton(tr("Model car&d…"))
        self.card.setToolTip(tr("What the model learned from, how well it reads, and its licence"))
        self.card.clicked.connect(lambda: self.card_wanted.emit())
        self.calibrate = QPushButton(tr("Cali&brate…"))
        self.calibrate.setToolTip(tr("Look neutral for three seconds: the bias of your own face is taken out"))
        self.calibrate.clicked.connect(self._ask)
        self.people = CalmComboBox()
        self.people.setAccessibleName(tr("Calibration"))
        self.people.setToolTip(tr("Whose calibration is applied"))
        self.people.activated.connect(lambda place: self.changed.emit("person", self.people.itemData(place)))
        self.people.hide()
        self.progress = QProgressBar()
        self.progress.setRange(0, 100)
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(6)
        self.progress.setAccessibleName(tr("Calibration"))
        self.progress.hide()
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.hide()
        row = QHBoxLayout()
        row.addWidget(self.card)
        row.addWidget(self.calibrate)
        self.bottom.addWidget(self.people)
        self.bottom.addLayout(row)
        self.bottom.addWidget(self.progress)
        self.bottom.addWidget(self.words)

    def show_people(self, names: list[str], person: str) -> None:
        """List who is kept; the choice is hidden while there is nobody."""
        self.person = person
        self.people.clear()
        self.people.addItem(tr("Not calibrated"), "")
        for name in names:
            self.people.addItem(tr("Calibrated to {name}").format(name=name), name)
        self.people.setVisible(bool(names))
        self.show_person(person)

    def show_person(self, person: str) -> None:
        """Show whose calibration is applied."""
        self.person = person
        self.people.setCurrentIndex(max(0, self.people.findData(person)))

    def show_calibration(self, state: CalibrationState) -> None:
        """Show how it goes."""
        self.progress.setVisible(not state.done)
        self.progress.setValue(round(100 * state.progress))
        self.calibrate.setEnabled(state.done)
        self.words.setText(tr(state.words))
        self.words.setVisible(bool(state.words))

    def _ask(self) -> None:
        name, given = QInputDialog.getText(
            self,
            tr("Calibrate"),
            tr(_WORDS),
            QLineEdit.Normal,
            self.person or tr("me"),
        )
        if given and name.strip():
            self.calibration_wanted.emit(name.strip())
