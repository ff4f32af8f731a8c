"""``affectcam doctor``: what works here, and how to fix what does not."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.doctor import run_checks
from app.doctor.report import report_text

_SIGNS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}


def show_doctor(*, as_json: bool, report: bool = False) -> bool:
    """Print the checks, or a report of them without personal data; True if nothing failed."""
    checks = run_checks()
    if report:
        print(report_text(checks), end="")  # noqa: T201
    elif as_json:
        print(json.dumps([asdict(check) for check in checks], indent=1))  # noqa: T201
    else:
        table = Table("", "what", "found", "what to do", show_edge=False)
        for check in checks:
            sign, colour = _SIGNS[check.state]
            table.add_row(Text(sign, style=colour), Text(check.name), Text(check.detail), Text(check.cure))
        Console().print(table)
    return all(check.state != "fail" for check in checks)
