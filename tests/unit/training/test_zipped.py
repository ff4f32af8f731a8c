"""A data set in a crafted .zip: refused when it is opened, before anything in it is looked for or unpacked."""

from __future__ import annotations

import zipfile

import pytest

from model.errors import DataError
from training.data.sample import read_bytes
from training.data.source import open_root
from training.prepare import main


def packed(path, members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as opened:
        for name, content in members.items():
            opened.writestr(zipfile.ZipInfo(name), content, method)
    return path


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("//x.png", "a name that leads out of it: '//x.png'"),
        ("/happiness/x.png", "a name that leads out of it"),
        ("happiness/../../x.png", "a name that leads out of it"),
        ("happiness//x.png", "a name that leads out of it"),
        ("a/" * 40 + "x.png", "a name that is too long or too deep"),
        ("x" * 5000, "a name that is too long or too deep"),
    ],
)
def test_a_name_that_leads_out_of_a_zip_is_refused_in_one_line(tmp_path, capsys, name, reason):
    path = packed(tmp_path / "set.zip", {"happiness/a.png": b"", name: b""})
    assert main(["folder", str(path), str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert f"{path}: {reason}" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_a_zip_can_only_unpack_at_once_is_refused_in_one_line(tmp_path, capsys, method):
    path = packed(tmp_path / "set.zip", {"FER2013Train/label.csv": b"\0" * (4 << 20)}, method)
    assert main(["ferplus", str(path), str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "packed by another method than storing or deflating: 'FER2013Train/label.csv'" in said
    assert said.count("\n") == 1


def test_a_member_that_states_too_large_a_size_is_not_even_opened(tmp_path, monkeypatch):
    root = open_root(packed(tmp_path / "set.zip", {"happiness/a.png": b"\0" * (3 << 20), "happiness/b.png": b"b"}))
    assert read_bytes(root / "happiness" / "b.png", 1 << 20) == b"b"
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("opened it"))
    with pytest.raises(DataError, match=r"a\.png: larger than 1 MB; left out"):
        read_bytes(root / "happiness" / "a.png", 1 << 20)


def test_folders_of_a_zip_have_names_of_their_own(tmp_path):
    root = open_root(packed(tmp_path / "set.zip", {"happiness/": b"", "happiness/a.png": b"a"}))
    assert [child.name for child in root.iterdir()] == ["happiness"]
