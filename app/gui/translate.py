"""The window's words in the user's language: Qt's translations, one context for all of affectcam."""

from __future__ import annotations

import logging

from PyQt5.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from model.paths import assets_folder

logger = logging.getLogger(__name__)

CONTEXT = "affectcam"
#: The language that the texts are written in; it needs no file.
SOURCE_LANGUAGE = "en"
_installed: list[QTranslator] = []


def tr(text: str) -> str:
    """``text`` in the language of the window; as it is where there is no translation. Fill placeholders afterwards."""
    return QCoreApplication.translate(CONTEXT, text)


def mark(text: str) -> str:
    """``text`` as it is, for a table whose texts go through :func:`tr` where they are shown.

    ``scripts/make_translations.py`` collects what is marked, as it does what stands in a call of :func:`tr`.
    """
    return text


def number(value: float, decimals: int) -> str:
    """A number with the decimal sign of the window's language."""
    return QLocale().toString(float(value), "f", decimals)


def languages() -> tuple[str, ...]:
    """The languages that the window can speak, by their codes."""
    files = sorted((assets_folder() / "translations").glob("affectcam_*.qm"))
    return (SOURCE_LANGUAGE, *(file.stem.removeprefix("affectcam_") for file in files))


def install(application: QCoreApplication, language: str) -> str:
    """Let the window speak ``language`` from now on: new widgets do, those that exist keep their words.

    Args:
        application: whose texts are translated.
        language: a code such as ``de``; ``system`` for the user's own, as far as there is a translation.

    Returns:
        The code of the language that is spoken; English where the wished one is missing.
    """
    while _installed:
        application.removeTranslator(_installed.pop())
    chosen = _of_system() if language == "system" else language
    if chosen not in languages():
        logger.warning("no translation into %r; the window speaks English", chosen)
        chosen = SOURCE_LANGUAGE
    if chosen != SOURCE_LANGUAGE:
        ours = assets_folder() / "translations" / f"affectcam_{chosen}.qm"
        # Qt's own words: OK and Cancel, the file dialog. Without its file they stay English.
        qt = f"{QLibraryInfo.location(QLibraryInfo.TranslationsPath)}/qtbase_{chosen}.qm"
        for file in (qt, str(ours)):
            translator = QTranslator()
            if translator.load(file):
                application.installTranslator(translator)
                _installed.append(translator)
            else:
                logger.warning("cannot read the translation %s", file)
    QLocale.setDefault(QLocale.system() if language == "system" else QLocale(chosen))  # decimal signs, per cent
    return chosen


def _of_system() -> str:
    spoken = [name.replace("_", "-").split("-")[0] for name in QLocale.system().uiLanguages()]
    return next((code for code in spoken if code in languages()), SOURCE_LANGUAGE)
