"""Values from a JSON file that may hold anything, and numbers as a reader likes to see them."""

from __future__ import annotations

from typing import Any

NONE = "–"
_LARGEST = 1e30  # NaN is not below it
_THIN = "\N{NARROW NO-BREAK SPACE}"


def real(value: Any) -> float | None:
    """The value if it is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
        return None
    return float(value)


def table(value: Any) -> dict[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON list."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """The value as text; nothing for None."""
    return "" if value is None else str(value)


def pair(value: Any) -> tuple[float, float] | None:
    """Two finite numbers."""
    if isinstance(value, list | tuple) and len(value) == 2:
        low, high = real(value[0]), real(value[1])
        if low is not None and high is not None:
            return low, high
    return None


def percent(value: Any, digits: int = 1) -> str:
    """A share of 1 as a percentage, e.g. ``84.8 %``."""
    number = real(value)
    return NONE if number is None else f"{100 * number:.{digits}f}{_THIN}%".replace("-", "−")


def points(value: Any) -> str:
    """A difference of shares in percentage points, without its sign."""
    number = real(value)
    return NONE if number is None else f"{abs(100 * number):.1f}"


def decimal(value: Any, digits: int = 3) -> str:
    """A number with so many digits behind the point."""
    number = real(value)
    return NONE if number is None else f"{number:.{digits}f}"


def count(value: Any) -> str:
    """A whole number with commas."""
    number = real(value)
    return NONE if number is None else f"{round(number):,}"


def short(value: Any) -> str:
    """A large number in three digits, e.g. ``1.27 M``."""
    number = real(value)
    if number is None:
        return NONE
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= size:
            return (
                f"{number / size:.3g}{_THIN}{unit}"
                if abs(number) < 999.5 * size
                else f"{number / size:,.0f}{_THIN}{unit}"
            )
    return f"{number:g}"


def size(value: Any) -> str:
    """Bytes, e.g. ``5.1 MB``."""
    number = real(value)
    if number is None:
        return NONE
    for unit, one in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= one:
            return f"{number / one:.1f}{_THIN}{unit}"
    return f"{number:.0f}{_THIN}bytes"


def duration(value: Any) -> str:
    """Seconds, e.g. ``1 h 12 min``."""
    number = real(value)
    if number is None or number < 0:
        return NONE
    if number < 60:
        return f"{number:.1f}{_THIN}s" if number < 10 else f"{number:.0f}{_THIN}s"
    minutes = round(number / 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}{_THIN}h {minutes}{_THIN}min" if hours else f"{minutes}{_THIN}min"


def plain(value: Any) -> str:
    """A setting's value as a person writes it: ``0.0001`` and not ``1e-04``, texts without quotes."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    number = real(value)
    if number is None:
        return text(value)
    return f"{number:.7f}".rstrip("0") if 0 < abs(number) < 1e-4 and number == round(number, 7) else f"{number:g}"


def listed(parts: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
