"""One file of ``classify``: what nobody foresaw is its own error, unless somebody told the program to stop."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from app import stopping
from app.commands import one_file
from model.errors import SourceError


@pytest.fixture
def odd(monkeypatch):
    """Classifies a file that fails as no file should."""

    def fail(*_):
        raise ImportError("half an import")

    monkeypatch.setattr(one_file, "_classify", fail)
    return lambda: one_file.classify_one(Path("a.mp4"), None, None, lambda *_: None)


def test_what_nobody_foresaw_is_one_line_of_this_file(odd, monkeypatch):
    monkeypatch.setattr(stopping, "_told", [])
    with pytest.raises(SourceError, match=r"^a\.mp4: unexpected ImportError: half an import; read it alone with"):
        odd()


def test_an_interrupt_that_was_lost_on_the_way_still_stops_the_others(odd, monkeypatch):
    monkeypatch.setattr(stopping, "_told", [signal.SIGTERM])
    with pytest.raises(KeyboardInterrupt):
        odd()
