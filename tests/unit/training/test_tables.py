"""Tables that are none of the published ones: given up before they take all memory."""

from __future__ import annotations

import pytest

from model.errors import DataError
from training.data import sample, tables
from training.data.sample import Split
from training.data.tables import lines_of


def test_a_table_that_is_larger_than_any_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "fer2013.csv").write_text("a\n" * 40)
    monkeypatch.setattr(tables, "_MOST_TABLE_BYTES", 79)
    with pytest.raises(DataError, match=r"fer2013\.csv: larger than .*; this is not the table"):
        next(lines_of(tmp_path / "fer2013.csv"))


@pytest.mark.parametrize(("limit", "most"), [("_MOST_LINES", 30), ("_MOST_TABLE_BYTES", 60)])
def test_a_table_with_more_rows_or_bytes_than_any_is_given_up_at_that_row(tmp_path, monkeypatch, limit, most):
    (tmp_path / "fer2013.csv").write_text("a\n" * 40)
    monkeypatch.setattr(tables, "stated_bytes", lambda _: 0)  # as in a .zip that lies
    monkeypatch.setattr(tables, limit, most)
    with pytest.raises(DataError, match=r"fer2013\.csv:31: longer than any published table"):
        list(lines_of(tmp_path / "fer2013.csv"))


def test_what_is_remembered_of_skipped_rows_is_bounded(monkeypatch):
    monkeypatch.setattr(sample, "MOST_SKIPPED", 3)
    split = Split("train", [])
    for row in range(3):
        split.skip(f"a.csv:{row}: " + "x" * 60_000)
    assert all(len(line) == 1001 for line in split.skipped)
    with pytest.raises(DataError, match=r"more than 3 skipped in split 'train'; .*; the first: a\.csv:0: x"):
        split.skip("a.csv:3: and so on")
