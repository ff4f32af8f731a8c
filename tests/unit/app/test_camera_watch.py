"""The list of cameras follows what is plugged in and out, and a camera is asked for only when something changed."""

from __future__ import annotations

import os
import platform
import queue
import threading
import time
from pathlib import Path

import pytest

from app.capture.cameras import CameraInfo
from app.capture.glance import glance
from app.capture.watch import CameraWatch
from model.errors import SourceError

LID = CameraInfo(index=0, name="Lid", path="/dev/video0", backend="V4L2")
DESK = CameraInfo(index=2, name="Desk", path="/dev/video2", backend="V4L2")


class Machine:
    """Cameras that a test plugs in and out; each of the watch's rounds can be waited for."""

    def __init__(self, *cameras: CameraInfo, knows: bool = True) -> None:
        self.cameras, self.knows = list(cameras), knows
        self.looks = self.glances = 0
        self.told: queue.Queue[list[CameraInfo]] = queue.Queue()
        self.broken = False

    def look(self) -> list[CameraInfo]:
        self.looks += 1
        if self.broken:
            raise SourceError("the system does not say")
        return list(self.cameras)

    def glance(self) -> object:
        self.glances += 1
        return tuple(self.cameras) if self.knows else None

    def watch(self) -> CameraWatch:
        return CameraWatch(self.told.put, 0.002, look=self.look, glance=self.glance)

    def wait_rounds(self, rounds: int) -> None:
        wanted, give_up_s = self.glances + rounds, time.monotonic() + 5
        while self.glances < wanted:
            assert time.monotonic() < give_up_s
            time.sleep(0.001)


def watches() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "affectcam-cameras"]


def test_the_list_is_told_at_first_and_when_it_changes() -> None:
    machine = Machine(LID)
    with machine.watch():
        assert machine.told.get(timeout=5) == [LID]
        machine.cameras = [LID, DESK]
        assert machine.told.get(timeout=5) == [LID, DESK]
        machine.cameras = [DESK]
        assert machine.told.get(timeout=5) == [DESK]
        machine.wait_rounds(5)
    assert machine.told.empty()
    assert not watches()


def test_a_machine_without_cameras_is_told_once() -> None:
    machine = Machine()
    with machine.watch():
        assert machine.told.get(timeout=5) == []
        machine.wait_rounds(5)
    assert machine.told.empty()


def test_cameras_are_left_alone_while_nothing_changes() -> None:
    machine = Machine(LID)
    with machine.watch():
        machine.wait_rounds(20)
    assert machine.looks == 1


def test_where_a_glance_tells_nothing_each_round_looks() -> None:
    machine = Machine(LID, knows=False)
    with machine.watch():
        machine.wait_rounds(5)
        assert machine.looks >= 5
        machine.cameras = []
        assert [machine.told.get(timeout=5) for _ in range(2)] == [[LID], []]


def test_a_system_that_does_not_answer_has_no_cameras_until_it_does() -> None:
    machine = Machine(LID, knows=False)
    machine.broken = True
    with machine.watch():
        assert machine.told.get(timeout=5) == []
        machine.broken = False
        assert machine.told.get(timeout=5) == [LID]


def test_closing_is_quick_and_may_come_from_the_one_who_is_told() -> None:
    told = threading.Event()

    def close(cameras: list[CameraInfo]) -> None:
        while not made:
            time.sleep(0.001)
        made[0].close()
        told.set()

    made: list[CameraWatch] = []
    made.append(CameraWatch(close, 60.0, look=list, glance=tuple))
    assert told.wait(5)
    begin_s = time.monotonic()
    made[0].close()
    made[0].close()
    assert time.monotonic() - begin_s < 1
    assert not watches()


def test_nothing_is_told_after_closing() -> None:
    looking, go_on = threading.Event(), threading.Event()
    told: list[object] = []

    def slow() -> list[CameraInfo]:
        looking.set()
        assert go_on.wait(5)
        return [LID]

    watch = CameraWatch(told.append, look=slow, glance=tuple)
    assert looking.wait(5)
    closing = threading.Thread(target=watch.close)
    closing.start()
    while not watch._closed.is_set():
        time.sleep(0.001)
    go_on.set()
    closing.join(5)
    assert told == []
    assert not watches()


@pytest.mark.skipif(platform.system() != "Linux", reason="device files")
class TestGlance:
    @pytest.fixture
    def folders(self, tmp_path: Path) -> tuple[Path, Path]:
        devices, told = tmp_path / "dev", tmp_path / "video4linux"
        devices.mkdir()
        (told / "video0").mkdir(parents=True)
        (devices / "video0").touch(mode=0o600)
        return devices, told

    def test_it_is_the_same_while_nothing_changes(self, folders: tuple[Path, Path]) -> None:
        before = glance(*folders)
        (folders[0] / "audio0").touch()
        with (folders[0] / "video0").open("rb"):  # a program uses the camera
            assert glance(*folders) == before

    def test_plugging_in_and_out(self, folders: tuple[Path, Path]) -> None:
        before = glance(*folders)
        (folders[0] / "video1").touch()
        with_two = glance(*folders)
        assert with_two != before
        (folders[0] / "video1").unlink()
        assert glance(*folders) == before

    def test_a_permission_that_comes_later(self, folders: tuple[Path, Path]) -> None:
        before = glance(*folders)
        os.chmod(folders[0] / "video0", 0o660)  # noqa: PTH101
        assert glance(*folders) != before

    @pytest.mark.parametrize(
        ("file", "idle", "sending"), [("state", "output", "capture"), ("format", "", "YUYV:8x8@30")]
    )
    def test_a_loopback_device_that_begins_to_send(
        self, folders: tuple[Path, Path], file: str, idle: str, sending: str
    ) -> None:
        (folders[1] / "video0" / file).write_text(f"{idle}\n")
        before = glance(*folders)
        (folders[1] / "video0" / file).write_text(f"{sending}\n")
        assert glance(*folders) != before

    def test_a_system_without_cameras(self, tmp_path: Path) -> None:
        assert glance(tmp_path / "no dev", tmp_path / "no sys") == ()


def test_other_systems_cannot_tell_at_a_glance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    assert glance() is None
