"""The table's rows as Arrow has them; pyarrow itself is imported when it is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from model.emotions import LABELS
from model.errors import AffectcamError

from .rows import COLUMNS, Row


def require_arrow() -> Any:
    """The package ``pyarrow``, with ``pyarrow.parquet`` loaded.

    Raises:
        AffectcamError: it is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise AffectcamError(
            f"Parquet tables need pyarrow, which does not load here ({error}); pip install 'pyarrow>=18,<27'"
        ) from None
    return pyarrow


def schema(metadata: Mapping[str, str] | None = None) -> Any:
    """Names and types of the columns of :data:`app.sinks.rows.COLUMNS`, as a ``pyarrow.Schema``.

    Single precision holds what the CSV's rounding leaves (a hundredth of a pixel, a millionth of a score); a time, in
    hours to the microsecond, needs double. ``metadata`` is kept with it.
    """
    arrow = require_arrow()
    kinds = {
        "frame": arrow.int32(),
        "time_s": arrow.float64(),
        "track": arrow.int32(),
        "label": arrow.dictionary(arrow.int8(), arrow.string()),
    }
    fields = [arrow.field(name, kinds.get(name, arrow.float32()), nullable=False) for name in COLUMNS]
    return arrow.schema(fields, metadata=dict(metadata or {}))


def table_of(rows: Sequence[Row], metadata: Mapping[str, str] | None = None) -> Any:
    """The rows as a ``pyarrow.Table``; its dictionary of labels always has all eight, in the enum's order."""
    arrow = require_arrow()
    made = schema(metadata)
    places = {label: place for place, label in enumerate(LABELS)}
    columns = []
    for field in made:
        values = [row[field.name] for row in rows]
        if field.name == "label":
            indices = arrow.array([places[str(value)] for value in values], arrow.int8())
            columns.append(arrow.DictionaryArray.from_arrays(indices, arrow.array(LABELS, arrow.string())))
        else:
            columns.append(arrow.array(values, field.type))
    return arrow.Table.from_arrays(columns, schema=made)
