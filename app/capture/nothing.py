"""Why a part of a file has not one frame, in one line, with what to do."""

from __future__ import annotations

from app.capture.decode import Decoder
from app.span import Span, clock
from model.errors import SourceError


def nothing_read(decoder: Decoder, asked: Span | None, *, every: int, begun: bool, loss: str | None) -> SourceError:
    """What is wrong with a file of which nothing came.

    Args:
        decoder: after its pass.
        asked: the part, counted from the file's beginning; None: all of it.
        every: only frames whose number it divides were asked for.
        begun: whether there was a frame in the part at all.
        loss: what the decoder lost.
    """
    path, end_s = decoder.path, decoder.pictures_end_s
    if begun and asked is not None:
        return SourceError(
            f"no frame of {path} in {asked} has a number that {every} divides; choose a longer part, or every frame"
        )
    if asked is None or (asked.start_s == 0 and end_s is None):
        return SourceError(
            f"not one frame of {path} can be decoded ({loss or 'it holds none'}); copy or record it again"
        )
    if loss is not None:
        return SourceError(
            f"nothing of {path} can be read from {clock(asked.start_s)} on ({loss}); "
            "choose an earlier part, or copy it again"
        )
    if decoder.over:
        return SourceError(f"no frame of {path} lies in {asked}; choose a longer part")
    if end_s is None:
        end_s = decoder.stated_end_s or decoder.origin_s
    long_s = end_s - decoder.origin_s
    return SourceError(
        f"{path} is {clock(long_s)} long, but the part asked for begins at {clock(asked.start_s)}; "
        "choose an earlier one"
    )
