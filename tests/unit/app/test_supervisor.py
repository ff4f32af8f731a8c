"""The parts of a supervised call: messages, shared pictures, waiting, and a camera that outlives who feeds it."""

from __future__ import annotations

import itertools
import os
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.supervisor.backoff import ENOUGH, GOOD_RUN_S, MOST_S, Backoff
from app.types import Frame, FrameResult
from model.errors import SinkError

pyvirtualcam = pytest.importorskip("pyvirtualcam")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="calls are supervised on Linux")

SIZE, FPS = (32, 18), 50.0


def test_it_waits_twice_as_long_after_each_short_run_and_then_gives_up():
    backoff = Backoff()
    waits = [backoff.after(0.5) for _ in range(ENOUGH)]
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, None]


@given(st.lists(st.floats(0, 10 * GOOD_RUN_S), max_size=40))
def test_a_good_run_is_waited_for_as_the_first_was(runs):
    backoff = Backoff()
    for ran_s in runs:
        wait_s = backoff.after(ran_s)
        assert wait_s is None or 1.0 <= wait_s <= MOST_S
        if ran_s >= GOOD_RUN_S:
            assert wait_s == 1.0


# -- pictures ---------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 9))
def test_a_picture_comes_over_as_it_is_while_it_is_one_of_the_latest_three(width, height, count):
    from app.supervisor.shared_pictures import SharedPictures

    ours = SharedPictures((width, height))
    theirs = SharedPictures((width, height), os.dup(ours.descriptor))
    try:
        pictures = np.random.default_rng(count).integers(0, 256, (count, height, width, 3), dtype=np.uint8)
        serials = [theirs.write(picture) for picture in pictures]
        for place, (serial, picture) in enumerate(zip(serials, pictures, strict=True)):
            got = ours.read(serial)
            if place < count - 3:
                assert got is None
            else:
                assert np.array_equal(got, picture)
        assert ours.read(serials[-1] + 1) is None
    finally:
        theirs.close()
        ours.close()


def test_a_picture_that_is_being_written_is_not_read():
    from app.supervisor.shared_pictures import SharedPictures

    pictures = SharedPictures((4, 4))
    try:
        serial = pictures.write(np.zeros((4, 4, 3), np.uint8))
        number, _ = pictures._slot(serial)
        number[0] = -serial
        assert pictures.read(serial) is None
    finally:
        pictures.close()


def test_shared_pictures_are_on_no_disk():
    from app.supervisor.shared_pictures import SharedPictures

    pictures = SharedPictures((4, 4))
    try:
        assert str(Path(f"/proc/self/fd/{pictures.descriptor}").readlink()).startswith("/memfd:")
    finally:
        pictures.close()


# -- messages ---------------------------------------------------------------------------------------------------------


def test_an_end_that_is_gone_is_told():
    from app.supervisor.channel import Channel, make_channel

    ours, theirs = make_channel()
    other = Channel(theirs)
    assert other.send({"kind": "hello"})
    other.close()
    assert ours.receive() == ({"kind": "hello"}, None)
    with pytest.raises(EOFError):
        ours.receive(5)
    with pytest.raises(BrokenPipeError):
        ours.send({"kind": "nobody"})
    ours.close()


def test_an_end_that_takes_nothing_holds_up_nobody():
    from app.supervisor.channel import Channel, make_channel

    ours, theirs = make_channel()
    other = Channel(theirs)
    sent = sum(itertools.takewhile(bool, (ours.send({"number": number}) for number in range(1_000_000))))
    assert 10 < sent < 1_000_000
    assert other.receive() == ({"number": 0}, None)
    ours.close()
    other.close()


# -- the camera -------------------------------------------------------------------------------------------------------


class Device:
    """A back end in place of a device."""

    made: list[Device]
    fails = False

    def __init__(self, *, width, height, fps, fourcc, device):
        if device == "none":
            raise RuntimeError("no such device")
        self.size, self.frames, self.closed = (width, height), [], False
        self._name = device or "made up"
        self.made.append(self)

    def send(self, frame):
        if Device.fails:
            raise RuntimeError("unplugged")
        width, height = self.size
        self.frames.append(frame.reshape(height, width, 3)[0, 0, ::-1].tolist())

    def close(self):
        self.closed = True

    def device(self):
        return self._name

    def native_fourcc(self):
        return None


@pytest.fixture
def device(monkeypatch):
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    pyvirtualcam.register_backend("made-up", Device)
    Device.made, Device.fails = [], False
    return Device


class Supervised:
    """The supervisor's side, served by a thread; ``begin`` is a program that starts."""

    def __init__(self):
        from app.supervisor.kept import Kept

        self.kept, self._server = Kept(), None

    def begin(self):
        from app.supervisor.channel import Channel, make_channel

        ours, theirs = make_channel()

        def serve():
            try:
                while True:
                    self.kept.serve(ours, 0.05)
            except EOFError:
                ours.close()

        self._server = threading.Thread(target=serve, daemon=True)
        self._server.start()
        return Channel(theirs)

    def crash(self, channel):
        """Nothing is said any more, and the end is closed by the system."""
        channel.close()
        self._server.join(10)

    def close(self):
        self.kept.close()
        assert self._server is None or not self._server.is_alive()


@pytest.fixture
def supervised():
    made = Supervised()
    yield made
    made.close()


def result(colour, index):
    frame = Frame(index=index, time_s=index / FPS, pixels=np.zeros((*SIZE[::-1], 3), np.uint8))
    return FrameResult(frame=frame, readings=(), drawn=np.full((*SIZE[::-1], 3), colour, np.uint8))


def wait_until(true, what):
    until_s = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until_s, what
        time.sleep(0.01)


def kept_camera(channel, **given):
    from app.sinks.kept_camera import KeptCamera

    return KeptCamera(channel, SIZE, FPS, **given)


def test_what_is_written_reaches_the_device_of_the_other_process(device, supervised):
    channel = supervised.begin()
    with kept_camera(channel) as camera:
        assert (camera.size, camera.fps, camera.device, camera.backend) == (SIZE, FPS, "made up", "made-up")
        camera.write(result((10, 20, 200), 1))
        wait_until(lambda: [10, 20, 200] in device.made[0].frames, "the picture")
        wait_until(lambda: camera.sent > 0, "the count of ticks")
        assert not device.made[0].closed
    assert device.made[0].closed
    camera.close()
    supervised.crash(channel)


def test_a_picture_of_another_size_is_fitted_in(device, supervised):
    channel = supervised.begin()
    with kept_camera(channel) as camera:
        wide = FrameResult(
            frame=Frame(index=1, time_s=1.0, pixels=np.zeros((9, 64, 3), np.uint8)),
            readings=(),
            drawn=np.full((9, 64, 3), 255, np.uint8),
        )
        camera.write(wide)
        wait_until(lambda: device.made[0].frames, "the picture")
        assert device.made[0].frames[0] == [0, 0, 0]  # a black bar above
    supervised.crash(channel)


def test_the_camera_outlives_a_crash_and_the_next_program_goes_on_with_it(device, supervised):
    first = supervised.begin()
    camera = kept_camera(first)
    camera.write(result((0, 0, 200), 1))
    wait_until(lambda: [0, 0, 200] in device.made[0].frames, "the picture")
    supervised.crash(first)
    before = len(device.made[0].frames)
    wait_until(lambda: len(device.made[0].frames) > before + 5, "ticks after the crash")
    assert supervised.kept.on
    second = supervised.begin()
    with kept_camera(second) as again:
        again.write(result((0, 200, 0), 1))
        wait_until(lambda: [0, 200, 0] in device.made[0].frames, "the picture of the second program")
    assert len(device.made) == 1
    assert device.made[0].closed
    supervised.crash(second)
    camera.close()


def test_one_that_lives_says_so_though_no_picture_comes(device, supervised, monkeypatch):
    from app.sinks.kept_camera import KeptCamera

    channel = supervised.begin()
    with kept_camera(channel):
        for _ in range(40):
            time.sleep(0.05)
            assert supervised.kept.silent_s < 1.9  # it is told every second
        monkeypatch.setattr(KeptCamera, "_try_to_tell", lambda *_: None)
        wait_until(lambda: supervised.kept.silent_s > 2.5, "the silence of one that hangs")
    supervised.crash(channel)


def test_a_run_that_writes_no_more_gives_no_sign_of_life_until_it_is_paused(device, supervised, monkeypatch):
    from app.sinks import kept_camera as module

    monkeypatch.setattr(module, "_WRITES_WITHIN_S", 0.3)
    channel = supervised.begin()
    with kept_camera(channel) as camera:
        camera.write(result(9, 1))
        wait_until(lambda: supervised.kept.silent_s > 1.6, "the silence of a run that hangs")
        camera.pause()
        time.sleep(1.5)
        assert supervised.kept.silent_s < 1.3
    supervised.crash(channel)


def test_one_that_has_not_opened_the_camera_owes_no_sign(device, supervised):
    first = supervised.begin()
    camera = kept_camera(first)
    supervised.crash(first)
    supervised.kept.await_another()
    second = supervised.begin()
    time.sleep(0.5)
    assert supervised.kept.on
    assert supervised.kept.silent_s == 0
    supervised.crash(second)
    camera.close()


def test_a_machine_that_slept_is_no_silence(monkeypatch):
    from app.supervisor import kept as module
    from app.supervisor.channel import Channel, make_channel

    ours, theirs = make_channel()
    hours = itertools.count(step=3600.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(hours)))
    kept = module.Kept()
    kept._fed = True
    kept.serve(ours, 0.01)
    assert kept.silent_s == pytest.approx(0.02)
    Channel(theirs).close()
    ours.close()


def test_another_wish_after_a_crash_opens_another_camera(device, supervised):
    first = supervised.begin()
    camera = kept_camera(first)
    supervised.crash(first)
    second = supervised.begin()
    with kept_camera(second, device="another") as again:
        assert again.device == "another"
        assert [each.closed for each in device.made] == [True, False]
    supervised.crash(second)
    camera.close()


def test_what_cannot_be_opened_is_told_in_its_own_words(device, supervised):
    channel = supervised.begin()
    with pytest.raises(SinkError, match=r"cannot open the virtual camera none: .*no such device"):
        kept_camera(channel, device="none")
    assert not supervised.kept.on
    supervised.crash(channel)


def test_a_device_that_fails_is_told_once(device, supervised):
    channel = supervised.begin()
    told = []
    with kept_camera(channel, on_failure=told.append) as camera:
        camera.write(result(9, 1))
        wait_until(lambda: device.made[0].frames, "the picture")
        Device.fails = True
        wait_until(lambda: told, "the failure")
        camera.write(result(9, 2))
        time.sleep(0.7)  # it is said again with each state
        assert [str(error) for error in told] == ["the virtual camera made up failed: unplugged; start it again"]
        assert not supervised.kept.on
    supervised.crash(channel)


def test_a_supervisor_that_is_gone_is_a_failure_of_the_camera(device, supervised, monkeypatch):
    channel = supervised.begin()
    told = []
    camera = kept_camera(channel, on_failure=told.append)
    supervised.kept.serve = lambda *_: (_ for _ in ()).throw(EOFError)  # its process ends
    wait_until(lambda: told, "the failure")
    assert "the process that keeps the virtual camera has ended" in str(told[0])
    camera.close()
    channel.close()
