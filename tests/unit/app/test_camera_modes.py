"""The modes of a camera, as the kernel tells them."""

from __future__ import annotations

import errno
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.capture import v4l2
from app.capture.modes import CameraMode, camera_modes, modes_of

Rates = list[tuple[int, int]]  # intervals as fractions: (1, 30) is thirty a second


class FakeCamera:
    """Answers as a driver does: ``{format: {size: intervals}}``, or a range of sizes with a range of intervals."""

    def __init__(self, formats: dict[str, dict[tuple[int, ...], Rates]], *, busy: bool = False) -> None:
        self.formats, self.busy = formats, busy

    def ask(self, request: int, structure: bytearray) -> int:
        if request == v4l2.REQUEST_BUFFERS:
            assert struct.unpack_from("=III", structure) == (0, 1, 1)  # no buffers, capture, memory map
            if self.busy:
                raise OSError(errno.EBUSY, "busy")
            return 0
        index = struct.unpack_from("=I", structure)[0]
        if request == v4l2.ENUM_FORMATS:
            assert len(structure) == 64
            names = list(self.formats)
            structure[44:48] = self.nth(names, index).encode()
            return 0
        sizes = self.formats[structure[4:8].decode()]
        if request == v4l2.ENUM_SIZES:
            assert len(structure) == 44
            size = self.nth(list(sizes), index)
            ranged = len(size) == 6
            struct.pack_into(f"=I{len(size)}I", structure, 8, 3 if ranged else 1, *size)
            return 0
        assert request == v4l2.ENUM_INTERVALS
        assert len(structure) == 52
        wanted = struct.unpack_from("=II", structure, 8)
        ranged = next(iter(sizes)) if len(next(iter(sizes))) == 6 else None
        intervals = sizes[ranged or wanted]
        if ranged:
            self.nth([0], index)
            flat = [number for interval in intervals for number in interval]
            struct.pack_into("=I4I", structure, 16, 2, *flat)
        else:
            struct.pack_into("=III", structure, 16, 1, *self.nth(intervals, index))
        return 0

    @staticmethod
    def nth(values: list, index: int):
        if index >= len(values):
            raise OSError(errno.EINVAL, "no more")
        return values[index]


def test_sizes_and_rates_of_the_format_in_which_pictures_come() -> None:
    camera = FakeCamera(
        {
            "YUYV": {(640, 480): [(1, 30)], (2592, 1944): [(1, 2)]},  # MJPG is asked for, and does not offer this
            "MJPG": {(640, 480): [(1, 30), (1, 15)], (1280, 720): [(1, 30), (1, 60), (1001, 30000)]},
        }
    )
    assert modes_of(camera.ask) == [
        CameraMode(size=(1280, 720), fps=(60.0, 30.0, 29.97)),
        CameraMode(size=(640, 480), fps=(30.0, 15.0)),
    ]


def test_without_mjpg_all_readable_formats_count_and_no_other() -> None:
    camera = FakeCamera(
        {
            "YUYV": {(640, 480): [(1, 30)], (320, 240): []},
            "NV12": {(640, 480): [(1, 60), (1, 30)]},
            "H264": {(1920, 1080): [(1, 30)]},
        }
    )
    assert modes_of(camera.ask) == [
        CameraMode(size=(640, 480), fps=(60.0, 30.0)),
        CameraMode(size=(320, 240), fps=()),
    ]


def test_a_device_that_scales_is_offered_at_common_sizes_and_rates() -> None:
    camera = FakeCamera({"YUYV": {(48, 1280, 16, 32, 720, 8): [(1, 30), (1, 10)]}})
    modes = modes_of(camera.ask)
    assert [mode.size for mode in modes] == [(1280, 720), (640, 480), (640, 360), (320, 240)]  # 960x540 has no step
    assert {mode.fps for mode in modes} == {(30.0, 25.0, 24.0, 15.0, 10.0)}


def test_a_rate_between_the_common_ones_is_not_lost() -> None:
    camera = FakeCamera({"YUYV": {(2, 4000, 2, 2, 4000, 2): [(1, 8), (1, 7)]}})
    assert {mode.fps for mode in modes_of(camera.ask)} == {(8.0,)}


@pytest.mark.parametrize("interval", [(0, 30), (1, 0), (0, 0)])
def test_nonsense_intervals_are_left_out(interval: tuple[int, int]) -> None:
    assert modes_of(FakeCamera({"MJPG": {(640, 480): [interval]}}).ask) == [CameraMode(size=(640, 480), fps=())]


def test_a_driver_that_never_ends_is_left_after_a_while() -> None:
    def for_ever(request: int, structure: bytearray) -> int:
        structure[44:48] = b"H264"
        return 0

    assert modes_of(for_ever) == []


def test_a_camera_that_goes_away_meanwhile_has_none() -> None:
    def gone(request: int, structure: bytearray) -> int:
        raise OSError(errno.ENODEV, "gone")

    assert modes_of(gone) == []


@pytest.mark.parametrize("address", [93, "93", "/dev/video93"])
def test_no_camera_has_no_modes(address: int | str) -> None:
    assert camera_modes(address) == []


def test_a_file_that_is_no_camera_has_no_modes(tmp_path: Path) -> None:
    (tmp_path / "video0").touch()
    assert camera_modes(str(tmp_path / "video0")) == []


@given(
    st.dictionaries(
        st.tuples(st.integers(1, 8000), st.integers(1, 8000)),
        st.lists(st.tuples(st.integers(1, 10_000), st.integers(1, 60_000)), max_size=4),
        max_size=6,
    )
)
def test_any_discrete_camera_is_told_whole_and_in_order(sizes: dict[tuple[int, int], Rates]) -> None:
    modes = modes_of(FakeCamera({"MJPG": dict(sizes)}).ask)
    assert {mode.size for mode in modes} == set(sizes)
    assert [mode.size[0] * mode.size[1] for mode in modes] == sorted((w * h for w, h in sizes), reverse=True)
    for mode in modes:
        assert list(mode.fps) == sorted({round(fps / per, 3) for per, fps in sizes[mode.size]}, reverse=True)


def test_whether_another_program_streams_is_known_by_asking_for_nothing() -> None:
    assert v4l2.is_taken(FakeCamera({}, busy=True).ask)
    assert not v4l2.is_taken(FakeCamera({}).ask)
