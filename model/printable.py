"""Text for a terminal: what came from a file or its name must not move the cursor, ring or forge lines."""

from __future__ import annotations


def one_line(text: object) -> str:
    """The text in one line: breaks and stretches of blanks are one blank, what cannot be printed becomes U+FFFD."""
    return printable(" ".join(str(text).split()))


def printable(text: str) -> str:
    """The text with its lines, and U+FFFD in the place of what cannot be printed."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in text)


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and its end where it has more than ``most`` signs."""
    return text if len(text) <= most else f"{text[: most * 2 // 3]}…{text[-(most // 3) :]}"
