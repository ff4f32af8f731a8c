"""Light, dark, or as the system is; the system's own look stays where it has one."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import dataclass

from PyQt5.QtCore import QCoreApplication, Qt
from PyQt5.QtGui import QGuiApplication, QPalette
from PyQt5.QtWidgets import QApplication, QStyleFactory

from .colours import DARK, LIGHT, is_dark, palette_of
from .style_sheet import style_sheet

logger = logging.getLogger(__name__)

#: Styles that Qt draws itself where it knows no look of the system.
_PLAIN = ("fusion", "windows")
_PORTAL_PATIENCE_MS = 300
_PERSONALIZE = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Native:
    style: str  # its name
    palette: QPalette

    def suits(self, dark: bool) -> bool:
        """Whether it is a look of the system's own, and as light or dark as is wished."""
        return self.style not in _PLAIN and is_dark(self.palette) == dark


_native: _Native | None = None  # as it was before the first change


def prepare_high_dpi() -> None:
    """Let Qt scale with the screen, by fractions too; before the application is made."""
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_EnableHighDpiScaling)
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_UseHighDpiPixmaps)
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)


def apply_theme(application: QApplication, theme: str) -> bool:
    """Give all windows a light or a dark look.

    Args:
        application: whose windows.
        theme: ``system``, ``light`` or ``dark``.

    Returns:
        Whether it is dark now.
    """
    global _native
    if _native is None:
        style = application.style()
        name = style.objectName() if style is not None else ""
        _native = _Native(style=name.lower(), palette=QPalette(application.palette()))
    dark = theme == "dark" or (theme == "system" and system_is_dark(_native.palette))
    if _native.suits(dark):
        application.setStyleSheet("")
        application.setStyle(QStyleFactory.create(_native.style))
        application.setPalette(_native.palette)
    else:
        colours = DARK if dark else LIGHT
        application.setStyle(QStyleFactory.create("Fusion"))
        application.setPalette(palette_of(colours))
        application.setStyleSheet(style_sheet(colours))
    return dark


def system_is_dark(palette: QPalette) -> bool:
    """Whether the user has asked the system for dark windows; ``palette`` is the system's, and the last to be asked."""
    if sys.platform == "win32":
        answer = _windows_is_dark()
    elif sys.platform == "darwin":
        answer = None  # Qt takes macOS's colours into the palette
    else:
        answer = _portal_is_dark()
    return is_dark(palette) if answer is None else answer


def _windows_is_dark() -> bool | None:
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _PERSONALIZE) as key:
                return not winreg.QueryValueEx(key, "AppsUseLightTheme")[0]
        except OSError:
            pass
    return None


def _portal_is_dark() -> bool | None:
    """What the desktop (GNOME, KDE and others) answers over the session's own bus; None if it has no wish."""
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return None  # looking for a bus could start one
    try:
        from PyQt5.QtDBus import QDBus, QDBusConnection, QDBusMessage
    except ImportError:
        return None
    question = QDBusMessage.createMethodCall(
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        "org.freedesktop.portal.Settings",
        "Read",
    )
    question.setArguments(["org.freedesktop.appearance", "color-scheme"])
    answer = QDBusConnection.sessionBus().call(question, QDBus.CallMode.Block, _PORTAL_PATIENCE_MS)
    if answer.type() != QDBusMessage.ReplyMessage or not answer.arguments():
        logger.debug("the desktop does not say whether it is dark: %s", answer.errorMessage())
        return None
    value = answer.arguments()[0]
    while hasattr(value, "variant"):  # an old portal wraps it twice
        value = value.variant()
    return {1: True, 2: False}.get(value)
