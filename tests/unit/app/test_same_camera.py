"""A camera is found again by what it is and where it is plugged in, never by a number that another may have got."""

from __future__ import annotations

import platform

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.capture import same_camera
from app.capture.cameras import CameraInfo
from app.capture.same_camera import SameCamera, port_of
from model.errors import SourceError

Plug = tuple[int, str, str | None]  # index, name, port


class Machine:
    def __init__(self, *plugs: Plug) -> None:
        self.plugs = list(plugs)
        self.broken, self.looks = False, 0

    def look(self) -> list[CameraInfo]:
        self.looks += 1
        if self.broken:
            raise SourceError("the system does not say")
        return [CameraInfo(index=i, name=name, path=f"/dev/video{i}", backend="V4L2") for i, name, _ in self.plugs]

    def port(self, info: CameraInfo) -> str | None:
        return next(port for index, _, port in self.plugs if index == info.index)

    def same(self, address: int | str, *, knows: bool = True) -> SameCamera:
        return SameCamera(address, look=self.look, port=self.port, glance=lambda: tuple(self.plugs) if knows else None)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        # where it was
        ([(0, "Desk", "1-1")], [(0, "Desk", "1-1")], 0),
        # at its port under another number, its own number with another camera
        ([(0, "Desk", "1-1"), (1, "Lid", "1-2")], [(0, "Lid", "1-2"), (2, "Desk", "1-1")], 2),
        # in another port
        ([(0, "Desk", "1-1")], [(3, "Desk", "1-4")], 3),
        ([(0, "Desk", "1-1")], [(0, "Desk", "1-4")], 0),
        # gone
        ([(0, "Desk", "1-1")], [], None),
        # gone, and another has got its number
        ([(0, "Desk", "1-1"), (1, "Lid", "1-2")], [(0, "Lid", "1-2")], None),
        # gone, and only its twin is there, even with its number
        ([(0, "Desk", "1-1"), (1, "Desk", "1-2")], [(1, "Desk", "1-2")], None),
        ([(0, "Desk", "1-1"), (1, "Desk", "1-2")], [(0, "Desk", "1-2")], None),
        # the twin stayed, ours went to a third port
        ([(0, "Desk", "1-1"), (1, "Desk", "1-2")], [(0, "Desk", "1-2"), (2, "Desk", "1-3")], 2),
        # two new ones of the name: which is it?
        ([(0, "Desk", "1-1")], [(2, "Desk", "1-3"), (3, "Desk", "1-4")], None),
        # devices of the kernel's own have no port
        ([(0, "OBS", None)], [(0, "OBS", None)], 0),
        ([(0, "OBS", None)], [(5, "OBS", None)], 5),
        ([(0, "OBS", None), (1, "OBS", None)], [(1, "OBS", None)], None),
    ],
)
def test_where_it_is_now(before: list[Plug], after: list[Plug], found: int | None) -> None:
    machine = Machine(*before)
    by_number, by_path = machine.same(0), machine.same("/dev/video0")
    machine.plugs = after
    assert by_number.address() == (None if found is None else str(found))
    assert by_path.address() == (None if found is None else f"/dev/video{found}")


def test_what_the_system_never_listed_is_where_it_was() -> None:
    machine = Machine((0, "Desk", "1-1"))
    for address in ("7", "/dev/v4l/by-id/usb-desk", "rtsp://host/live"):
        assert machine.same(address).address() == address


def test_a_stream_asks_for_no_cameras() -> None:
    machine = Machine()
    machine.broken = True
    assert machine.same("rtsp://host/live").address() == "rtsp://host/live"


def test_a_system_that_does_not_answer_leaves_the_address() -> None:
    machine = Machine((0, "Desk", "1-1"))
    same = machine.same("0")
    machine.broken = True
    assert same.address() == "0"
    assert machine.same("0").address() == "0"


@pytest.mark.parametrize("knows", [True, False])
def test_the_other_cameras_are_left_alone_while_nothing_changes(knows: bool) -> None:
    machine = Machine((0, "Desk", "1-1"), (1, "Lid", "1-2"))
    same = machine.same(0, knows=knows)
    machine.plugs = [(1, "Lid", "1-2")]
    machine.looks = 0
    assert [same.address() for _ in range(4)] == [None] * 4
    assert machine.looks == (1 if knows else 4)
    machine.plugs = [(0, "Desk", "1-1")]
    assert [same.address() for _ in range(2)] == ["0", "0"]


plugs = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["Desk", "Lid"]), st.sampled_from(["1", "2", "3"])),
    unique_by=(lambda plug: plug[0], lambda plug: plug[2]),
    max_size=3,
)


@given(plugs, plugs)
def test_it_is_never_another_camera(before: list[Plug], after: list[Plug]) -> None:
    for index, name, port in before:
        machine = Machine(*before)
        same = machine.same(index)
        machine.plugs = after
        address = same.address()
        at_port = [plug for plug in after if plug[1:] == (name, port)]
        if address is None:
            assert not at_port
            continue
        found = next(plug for plug in after if str(plug[0]) == address)
        assert found[1] == name
        assert found[2] == port or not any(plug[1:] == found[1:] for plug in before)


def test_other_systems_have_names_of_their_own_for_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    info = CameraInfo(index=0, name="Desk", path=r"\\?\usb#vid_046d", backend="DSHOW")
    assert port_of(info) == r"\\?\usb#vid_046d"


@pytest.mark.skipif(platform.system() != "Linux", reason="folders of the kernel")
def test_linux_tells_the_port(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    usb = tmp_path / "devices" / "usb1" / "1-4" / "1-4:1.0"
    usb.mkdir(parents=True)
    (tmp_path / "video4linux" / "video2").mkdir(parents=True)
    (tmp_path / "video4linux" / "video2" / "device").symlink_to(usb)
    monkeypatch.setattr(same_camera, "_TOLD", tmp_path / "video4linux")
    info = CameraInfo(index=2, name="Desk", path="/dev/video2", backend="V4L2")
    assert port_of(info) == str(usb)
    assert port_of(CameraInfo(index=3, name="OBS", path="/dev/video3", backend="V4L2")) is None
