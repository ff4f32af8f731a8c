"""The table of settings and its file: whole or not at all, and nothing in it can stop the program."""

from __future__ import annotations

import json
import os
import stat
import string
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.settings import Settings, Store
from app.settings.setting import Group
from app.settings.table import size_of
from model.errors import ConfigError

plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = plain | st.lists(plain, max_size=3) | st.dictionaries(st.text(max_size=5), plain, max_size=3)
names = st.sampled_from([row.name for row in Settings.rows()]) | st.text(string.ascii_lowercase + "_", max_size=12)


def test_every_default_is_allowed_by_its_own_row() -> None:
    for row in Settings.rows():
        assert row.problem(row.default) is None, row.name
        assert row.label
        assert row.help
        if row.kind in (int, float):
            assert row.least is not None
            assert row.most is not None
        if row.panel:
            assert row.group is not Group.HIDDEN


@settings(deadline=None)
@given(st.dictionaries(names, anything, max_size=8))
def test_whatever_a_file_holds_comes_to_settings_and_words(values: dict[str, object]) -> None:
    found, aside = Settings.checked(values)
    for row in Settings.rows():
        assert row.problem(getattr(found, row.name)) is None
    kept = {name: value for name, value in values.items() if value == getattr(found, name, object())}
    assert len(aside) + len(kept) >= len(values)
    again, nothing = Settings.checked(found.to_dict())
    assert (again, nothing) == (found, [])


def test_a_path_that_is_no_text_comes_back(tmp_path: Path) -> None:
    """As Python tells a file's name whose bytes are no UTF-8."""
    store, chosen = Store(tmp_path), Settings(source="/videos/caf\udce9.mp4")
    store.save(chosen)
    assert store.load() == (chosen, [])


def test_a_text_that_would_end_a_path_is_set_aside_in_a_short_line() -> None:
    found, aside = Settings.checked({"source": "a\0b", "model": ["long" * 5000], "x" * 5000: 1})
    assert found == Settings()
    assert [line[:20] for line in aside] == ["source is 'a\\x00b', ", "model is ['longlongl", "'xxxxxxxxxxxxxxxxxxx"]
    assert max(map(len, aside)) < 120


def test_what_was_chosen_comes_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "folder")
    chosen = Settings(style="emoji", smoothing_s=1.25, person="Zoë O'Neil", record_folder="/tmp/ä ö", capture_fps=60)
    store.save(chosen)
    assert Store(store.folder).load() == (chosen, [])
    assert list(store.folder.iterdir()) == [store.path]
    if sys.platform != "win32":
        assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert Store(tmp_path / "none").load() == (Settings(), [])
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1, 2]", b"\xff\xfe\x00", b"[" * 100_000, b'{"style": "box"', b" " * 2_000_000]
)
def test_a_damaged_file_is_set_aside_with_a_message(tmp_path: Path, content: bytes) -> None:
    store = Store(tmp_path)
    store.path.write_bytes(content)
    settings, (message,) = store.load()
    assert settings == Settings()
    assert "settings.json is damaged or holds no settings" in message
    assert "settings.1.aside.json" in message
    assert (tmp_path / "settings.1.aside.json").read_bytes() == content
    assert store.load() == (Settings(), [])  # told once


def test_each_value_that_cannot_be_is_named_and_the_others_hold(tmp_path: Path) -> None:
    store = Store(tmp_path)
    values = {"style": "emoji", "smoothing_s": -1, "faces": 7, "capture_fps": True, "hat": "red", "badge": "yes"}
    store.path.write_text(json.dumps(values), encoding="utf-8")
    settings, (message,) = store.load()
    assert settings == Settings(style="emoji")
    for words in (
        "smoothing_s is -1, expected 0 to 3",
        "faces is 7, expected text",
        "capture_fps is True, expected a whole number",
        "'hat' is not known",
        "badge is 'yes', expected true or false",
    ):
        assert words in message


def test_an_earlier_file_set_aside_is_never_overwritten(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number in (1, 2, 3):
        store.path.write_text(f"damaged {number}", encoding="utf-8")
        store.load()
    aside = [(tmp_path / f"settings.{number}.aside.json").read_text(encoding="utf-8") for number in (1, 2, 3)]
    assert aside == ["damaged 1", "damaged 2", "damaged 3"]


def test_a_failed_save_leaves_the_earlier_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    store.save(Settings(style="bars"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match=r"cannot write .*settings\.json: No space left on device; the earlier file"):
        store.save(Settings(style="emoji"))
    assert store.load() == (Settings(style="bars"), [])
    assert list(tmp_path.iterdir()) == [store.path]


def test_resetting_keeps_the_old_file_beside(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.reset() == "settings: the defaults are in use already"
    store.save(Settings(style="bars"))
    assert "back to the defaults" in store.reset()
    assert store.load() == (Settings(), [])
    assert json.loads((tmp_path / "settings.1.aside.json").read_text(encoding="utf-8"))["style"] == "bars"


def test_a_profile_carries_the_taste_and_neither_the_machine_nor_the_person(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    own = {"person": "Ada", "source": "camera:Lid", "camera_device": "/dev/video9", "record_folder": "/home/a"}
    mine = Settings(style="bars", **own)
    profile = tmp_path / "profile.json"
    store.export(mine, profile)
    text = profile.read_text(encoding="utf-8")
    assert not [value for value in own.values() if value in text]
    other = Settings(person="Ben", theme="dark", record_folder="/home/b")
    taken, aside = store.import_profile(profile, other)
    assert aside == []
    assert taken == replace(mine, person="Ben", source="", camera_device="", record_folder="/home/b")


def test_a_profile_cannot_bring_what_is_the_users_own(tmp_path: Path) -> None:
    profile = tmp_path / "profile.json"
    profile.write_text(json.dumps({"record_folder": "/elsewhere", "welcomed": True, "style": "none", "x": 1}))
    taken, aside = Store(tmp_path).import_profile(profile, Settings())
    assert taken == Settings(style="none")
    assert aside == ["'x' is not known"]


def test_a_profile_that_is_none_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^no such file: .*none\.json; check the path$"):
        Store(tmp_path).import_profile(tmp_path / "none.json", Settings())
    (tmp_path / "song.json").write_bytes(b"ID3")
    with pytest.raises(ConfigError, match="is damaged or holds no settings"):
        Store(tmp_path).import_profile(tmp_path / "song.json", Settings())


def test_sizes_are_numbers() -> None:
    assert [size_of(value) for value, _ in Settings.row("capture_size").choices][:2] == [(320, 240), (640, 360)]
    assert Settings(capture_size="1920x1080").captured == (1920, 1080)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names there")
def test_a_pipe_in_place_of_the_settings_is_set_aside(tmp_path: Path) -> None:
    store = Store(tmp_path)
    os.mkfifo(store.path)
    loaded, (message,) = store.load()
    assert loaded == Settings()
    assert "settings.json: it is no regular file" in message
