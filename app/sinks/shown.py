"""What a virtual camera shows, tick by tick: the next picture, the one before again, or a card."""

from __future__ import annotations

import time
from dataclasses import dataclass

from app.pipeline.paused_card import paused_card
from app.types import Pixels

from .virtual_camera import VirtualCameraSink


@dataclass(frozen=True, slots=True)
class News:
    """The next picture, or a pause."""

    pixels: Pixels | None  # the next picture; None: pause
    moment: tuple[int, float] | None = None  # index and time of its frame: a frame written again is not new
    words: str = ""  # on the card


class Show:
    """Chooses what to send in each tick, and sends it."""

    def __init__(self, sink: VirtualCameraSink, patience_s: float, words: str) -> None:
        """Begin with no picture; after ``patience_s`` seconds without a new one comes a card with ``words``."""
        self._sink, self._patience_s, self._words = sink, patience_s, words
        self._last: Pixels | None = None
        self._moment: tuple[int, float] | None = None  # of the last picture
        self._card_due_s = time.monotonic() + patience_s  # infinite: it is shown already

    def tick(self, news: News | None, now_s: float) -> bool:
        """Send something; False for a stalled source's picture while the card is shown: it is not sent again.

        Raises:
            SinkError: the device fails.
        """
        if news is not None and news.pixels is not None:
            if news.moment != self._moment:
                self._moment, self._card_due_s = news.moment, now_s + self._patience_s
            elif self._card_due_s == float("inf"):  # the source still stalls
                return False
            self._last = news.pixels
            self._sink.send(news.pixels)
        elif news is not None:
            self._moment = None  # whatever is written next is new
            self._show_card(news.words)
        elif now_s >= self._card_due_s:
            self._show_card(self._words)
        else:
            self._sink.repeat()
        return True

    def _show_card(self, words: str) -> None:
        self._card_due_s = float("inf")
        self._sink.send(paused_card(self._last, self._sink.size, words))
