"""The one table of what can be done from menus, shortcuts, the tray and tool buttons."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QAction, QWidget

from .translate import tr


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """One thing that can be done."""

    name: str  # by which code asks for it
    text: str  # English, with its mnemonic; the window translates it
    help: str  # one sentence, English
    short: str = ""  # on a button, where there is little room; empty: the text
    shortcut: str = ""  # as Qt writes it; on macOS Ctrl means the command key
    checkable: bool = False
    role: QAction.MenuRole = QAction.MenuRole.NoRole  # where macOS puts it in its own menu


#: In the order in which the list of shortcuts shows them.
ACTIONS = (
    ActionRow(name="start", text="&Start", help="Start the source, or stop it", shortcut="F5"),
    ActionRow(
        name="camera",
        text="&Virtual camera",
        help="Send the picture to calls, or no longer",
        shortcut="Ctrl+K",
        checkable=True,
    ),
    ActionRow(
        name="pause",
        text="&Pause reading",
        short="Pause",
        help="Pictures go on, but no face is read",
        shortcut="Ctrl+P",
        checkable=True,
    ),
    ActionRow(
        name="hide",
        text="Hide &overlay",
        short="Hide overlay",
        help="Pictures go on without anything drawn over them",
        shortcut="Ctrl+O",
        checkable=True,
    ),
    ActionRow(
        name="freeze",
        text="&Freeze the picture",
        short="Freeze",
        help="Calls keep seeing this moment until you go on",
        shortcut="Ctrl+F",
        checkable=True,
    ),
    ActionRow(
        name="snapshot",
        text="S&napshot",
        short="Snapshot",
        help="Keep the picture as it is drawn now, as a file",
        shortcut="Ctrl+S",
    ),
    ActionRow(
        name="record", text="&Record", help="Record a video until you press it again", shortcut="Ctrl+R", checkable=True
    ),
    ActionRow(
        name="settings",
        text="Se&ttings…",
        help="Everything that can be chosen",
        shortcut="Ctrl+,",
        role=QAction.MenuRole.PreferencesRole,
    ),
    ActionRow(
        name="card",
        text="&Model card…",
        help="What the model learned from, how well it reads, and its licence",
        shortcut="Ctrl+I",
    ),
    ActionRow(name="camera_help", text="&Get a virtual camera…", help="How to get one on this system"),
    ActionRow(
        name="diagnose",
        text="&Diagnose…",
        help="What works on this machine, and how to fix what does not",
        shortcut="Ctrl+D",
    ),
    ActionRow(name="welcome", text="&What it does…", help="The first page, to read again"),
    ActionRow(name="shortcuts", text="S&hortcuts…", help="This list", shortcut="F1"),
    ActionRow(
        name="quit",
        text="&Quit",
        help="Stop everything and leave, also when closing keeps it in the tray",
        shortcut="Ctrl+Q",
        role=QAction.MenuRole.QuitRole,
    ),
)


def make_actions(parent: QWidget) -> dict[str, QAction]:
    """All actions of the table, by their names, with their shortcuts at work in ``parent``'s window.

    Listen to ``triggered``, which only the user causes; ``setChecked`` shows a state.
    """
    actions = {row.name: _make(row, parent) for row in ACTIONS}
    parent.addActions(list(actions.values()))
    return actions


def show_running(actions: dict[str, QAction], running: bool) -> None:
    """Let the action that starts stop, and the other way round."""
    actions["start"].setText(tr("&Stop") if running else tr("&Start"))


def _make(row: ActionRow, parent: QWidget) -> QAction:
    action = QAction(tr(row.text), parent)
    action.setObjectName(row.name)
    action.setCheckable(row.checkable)
    action.setMenuRole(row.role)
    action.setStatusTip(tr(row.help))
    if row.short:
        action.setIconText(tr(row.short))
    tip = tr(row.help)
    if row.shortcut:
        action.setShortcut(QKeySequence(row.shortcut))
        tip += f" ({action.shortcut().toString(QKeySequence.NativeText)})"
    action.setToolTip(tip)
    return action
