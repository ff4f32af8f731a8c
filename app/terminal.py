"""What every process of the command line does to its standard streams."""

from __future__ import annotations

import io
import logging
import sys

from model.log_format import PrivateFormatter


def log_to_stderr(level: int) -> None:
    """Let messages from ``level`` up be printed; libraries that say too much are kept quiet."""
    handler = logging.StreamHandler()
    handler.setFormatter(PrivateFormatter("%(levelname)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    for chatty in ("matplotlib", "libav", "PIL", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.ERROR)


def print_any_name() -> None:
    """Let no file name and no sign end the work because the terminal's encoding lacks it: it is printed escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
