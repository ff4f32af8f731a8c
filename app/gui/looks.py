"""From the settings to how each sink sees the picture."""

from __future__ import annotations

from dataclasses import replace

from app.pipeline.draw import DrawStyle
from app.pipeline.look import Look
from app.settings import Settings


def style_of(settings: Settings, *, hidden: bool) -> DrawStyle:
    """What is drawn for the user; nothing while the overlay is hidden."""
    if hidden:
        return DrawStyle(kind="none")
    return DrawStyle(
        kind=settings.style,  # type: ignore[arg-type] # the table has the same words
        text_scale=settings.text_scale,
        palette=settings.palette,  # type: ignore[arg-type]
        attention=settings.attention,
        numbers=settings.numbers,  # type: ignore[arg-type]
    )


def preview_look(settings: Settings, *, hidden: bool) -> Look:
    """The user's own view: as in a mirror if wished, without the badge, which is for others."""
    return Look(style=style_of(settings, hidden=hidden), mirror=settings.mirror_preview)


def output_look(settings: Settings, *, hidden: bool, reading: bool) -> Look:
    """What others see: the badge stays while expressions are read, also when the overlay is hidden."""
    style = style_of(settings, hidden=hidden)
    return Look(style=replace(style, badge=settings.badge and reading), mirror=settings.mirror_output)
