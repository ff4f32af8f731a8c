"""The doctor's report as a text that can be shown to strangers: what was found, without whose machine it is."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from .check import Check
from .personal import Identity, without_person

_SIGNS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


def report_text(checks: Iterable[Check], who: Identity | None = None) -> str:
    """The checks as plain text for an issue, without personal data.

    Args:
        checks: of :func:`app.doctor.run_checks`.
        who: whose names are taken out; None: whoever runs this, and this machine.
    """
    who = Identity.here() if who is None else who
    try:
        release = version("affectcam")
    except PackageNotFoundError:
        release = "(not installed)"
    lines = [f"affectcam {release}: what works on this machine"]
    for check in checks:
        lines.append(f"{_SIGNS[check.state]}  {check.name}: {check.detail}")
        if check.cure:
            lines.append(f"      to do: {check.cure}")
    return "\n".join([lines[0], *(without_person(line, who) for line in lines[1:])]) + "\n"
