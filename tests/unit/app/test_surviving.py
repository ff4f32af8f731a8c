"""A camera that goes away is said to, waited for, and goes on where it comes back."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from video_makers import BLUE, GREEN, RED, Pixels, plain

from app.capture.surviving import Surviving
from app.capture.trouble import TakenError
from app.types import Frame, Source
from model.errors import SourceError

GONE = "camera 0 is gone; waiting for it to come back"
TAKEN = "camera 0 is taken by another program; waiting until it is free"


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    give_up_s = time.monotonic() + 5
    while left := [thread for thread in threading.enumerate() if thread.name.startswith("affectcam-")]:
        assert time.monotonic() < give_up_s, left
        time.sleep(0.005)


class FakeCamera:
    """Gives its pictures one by one, as they are asked for, and then fails, ends, or keeps one waiting."""

    live, frame_count, fps = True, None, 15.0

    def __init__(self, pictures: list[Pixels], *, then: Exception | str = "wait", name: str = "camera 0") -> None:
        self.pictures, self.then, self.name = pictures, then, name
        self.size = (pictures[0].shape[1], pictures[0].shape[0])
        self.loss: str | None = None
        self.closed = threading.Event()
        self.taken = threading.Semaphore(0)  # released by the test for each picture

    def __iter__(self) -> Iterator[Frame]:
        for index, pixels in enumerate(self.pictures):
            while not self.taken.acquire(timeout=0.005):
                if self.closed.is_set():
                    return
            yield Frame(pixels=pixels, time_s=100.0 + index, index=index)
        if isinstance(self.then, Exception):
            self.taken.acquire(timeout=5)
            raise self.then
        if self.then == "wait":
            self.closed.wait(10)

    def close(self) -> None:
        self.closed.set()


class Desk:
    """What opens cameras: one after the other, errors among them; and what it was told."""

    def __init__(self, *opened: FakeCamera | Exception) -> None:
        self.opened, self.addresses = list(opened), []
        self.states: queue.Queue[str | None] = queue.Queue()
        self.address_now: str | None = "0"

    def open(self, address: str) -> Source:
        self.addresses.append(address)
        found = self.opened.pop(0) if len(self.opened) > 1 else self.opened[0]
        if isinstance(found, Exception):
            raise found
        return found

    def address(self) -> str | None:
        return self.address_now

    def source(self, **options) -> Surviving:
        defaults = {"first_wait_s": 0.002, "longest_wait_s": 0.004}
        return Surviving(0, self.open, on_state=self.states.put, same=self, **(defaults | options))


def unplugged() -> SourceError:
    return SourceError("camera 0 is gone; plug it in again, and start again")


def step(camera: FakeCamera, frames: Iterator[Frame]) -> Frame:
    camera.taken.release()
    return next(frames)


def test_it_goes_on_when_the_camera_is_back() -> None:
    first = FakeCamera([plain(RED), plain(GREEN)], then=unplugged())
    second = FakeCamera([plain(BLUE)], name="camera 1")
    desk = Desk(first, SourceError("there is no camera 0"), SourceError("there is no camera 0"), second)
    with desk.source() as source:
        frames = iter(source)
        taken = [step(first, frames), step(first, frames)]
        assert desk.states.empty()
        desk.address_now = "1"
        first.taken.release()
        taken.append(step(second, frames))
        assert [desk.states.get(timeout=5), desk.states.get(timeout=5)] == [GONE, None]
        assert [tuple(frame.pixels[0, 0]) for frame in taken] == [RED, GREEN, BLUE]
        assert [frame.index for frame in taken] == [0, 1, 2]
        assert [frame.time_s for frame in taken] == [100.0, 101.0, 100.0]  # the source's own clock
        assert first.closed.is_set()
        assert (source.name, source.size, source.fps, source.live) == ("camera 0", (64, 48), 15.0, True)
    assert second.closed.is_set()
    assert desk.addresses == ["0", "1", "1", "1"]
    assert list(frames) == []
    assert desk.states.empty()


def test_the_first_opening_fails_as_ever() -> None:
    with pytest.raises(SourceError, match="there is no camera 0"):
        Desk(SourceError("there is no camera 0")).source()


def test_a_camera_that_comes_back_with_another_size_is_fitted_with_bars() -> None:
    first = FakeCamera([plain(RED)], then=unplugged())
    second = FakeCamera([plain(BLUE, width=48, height=48)])
    with Desk(first, second).source() as source:
        frames = iter(source)
        step(first, frames)
        first.taken.release()
        pixels = step(second, frames).pixels
    assert pixels.shape == (48, 64, 3)
    assert [int(pixels[24, x, 0]) for x in (3, 8, 32, 55, 60)] == [0, 255, 255, 255, 0]


def test_another_program_that_has_it_is_named_as_the_reason_once() -> None:
    first, second = FakeCamera([plain(RED)], then=unplugged()), FakeCamera([plain(BLUE)])
    desk = Desk(first, SourceError("no"), TakenError("taken"), TakenError("taken"), SourceError("no"), second)
    with desk.source() as source:
        frames = iter(source)
        step(first, frames)
        first.taken.release()
        step(second, frames)
        assert [desk.states.get(timeout=5) for _ in range(3)] == [GONE, TAKEN, None]
    assert desk.states.empty()


def test_nothing_is_opened_while_it_is_not_plugged_in() -> None:
    first, second = FakeCamera([plain(RED)], then=unplugged()), FakeCamera([plain(BLUE)])
    desk = Desk(first, second)
    asked = threading.Semaphore(0)

    def absent() -> str | None:
        asked.release()
        return desk.address_now

    desk.address, desk.address_now = absent, None
    with desk.source() as source:
        frames = iter(source)
        step(first, frames)
        first.taken.release()
        for _ in range(5):
            assert asked.acquire(timeout=5)
        assert desk.addresses == ["0"]
        desk.address_now = "4"
        step(second, frames)
    assert desk.addresses == ["0", "4"]


def test_attempts_become_rarer_up_to_a_limit() -> None:
    first = FakeCamera([plain(RED)], then=unplugged())
    desk = Desk(first, SourceError("no"))
    waits: list[float | None] = []
    with desk.source(first_wait_s=0.5, longest_wait_s=5.0) as source:
        closed = source._closed
        enough = threading.Event()

        class Watched:
            """The event that is waited for, without the waiting."""

            def wait(self, timeout_s: float | None = None) -> bool:
                waits.append(timeout_s)
                if len(waits) == 6:
                    enough.set()
                return closed.wait(0.001 if len(waits) < 6 else 5)

            def __getattr__(self, name: str) -> Callable:
                return getattr(closed, name)

        source._closed = Watched()
        frames = iter(source)
        step(first, frames)
        first.taken.release()
        assert enough.wait(5)
    assert waits == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_stream_that_ends_ends_and_tells_its_loss() -> None:
    first = FakeCamera([plain(RED)], then="end")
    first.loss = "the last second"
    desk = Desk(first)
    with desk.source() as source:
        frames = iter(source)
        step(first, frames)
        assert list(frames) == []
        assert source.loss == "the last second"
    assert desk.states.empty()


def test_an_unexpected_failure_reaches_who_reads() -> None:
    first = FakeCamera([plain(RED)], then=ZeroDivisionError("a bug"))
    with Desk(first).source() as source:
        frames = iter(source)
        step(first, frames)
        first.taken.release()
        with pytest.raises(ZeroDivisionError):
            next(frames)
    assert first.closed.is_set()


# --- closing ------------------------------------------------------------------------------------------------------


def closes_within_a_second(source: Surviving, frames: Iterator[Frame]) -> None:
    """Read in one thread, close from another."""
    seen: list[Frame] = []
    reader = threading.Thread(target=lambda: seen.extend(frames))
    reader.start()
    time.sleep(0.02)
    begin_s = time.monotonic()
    source.close()
    reader.join(5)
    assert time.monotonic() - begin_s < 1
    assert not reader.is_alive()
    source.close()


def test_closing_while_pictures_come() -> None:
    camera = FakeCamera([plain(RED)] * 1000)
    for _ in range(1000):
        camera.taken.release()
    source = Desk(camera).source()
    closes_within_a_second(source, iter(source))
    assert camera.closed.is_set()


def test_closing_before_anything_is_read_ends_at_once() -> None:
    camera = FakeCamera([plain(RED)])
    source = Desk(camera).source()
    source.close()
    assert list(source) == []
    assert camera.closed.is_set()


def test_closing_while_the_camera_is_waited_for() -> None:
    first = FakeCamera([plain(RED)], then=unplugged())
    desk = Desk(first, SourceError("no"))
    source = desk.source(first_wait_s=30.0)
    frames = iter(source)
    step(first, frames)
    first.taken.release()
    assert desk.states.get(timeout=5) == GONE
    closes_within_a_second(source, frames)


def test_closing_while_a_driver_hangs_in_a_read() -> None:
    go_on = threading.Event()

    class Hanging(FakeCamera):
        def __iter__(self) -> Iterator[Frame]:
            yield Frame(pixels=self.pictures[0], time_s=0.0, index=0)
            assert go_on.wait(10)

        def close(self) -> None:
            assert go_on.wait(10)  # as a real one: not under a read
            super().close()

    camera = Hanging([plain(RED)])
    source = Desk(camera).source()
    frames = iter(source)
    next(frames)
    closes_within_a_second(source, frames)
    go_on.set()
    assert camera.closed.wait(5)


def test_closing_while_it_is_being_opened_again_closes_what_was_opened() -> None:
    opening, go_on = threading.Event(), threading.Event()
    first, second = FakeCamera([plain(RED)], then=unplugged()), FakeCamera([plain(BLUE)])
    desk = Desk(first)

    def slow(address: str) -> Source:
        opening.set()
        assert go_on.wait(10)
        return second

    source = desk.source()
    source._open_camera = slow
    frames = iter(source)
    step(first, frames)
    first.taken.release()
    assert opening.wait(5)
    closes_within_a_second(source, frames)
    go_on.set()
    assert second.closed.wait(5)
    assert desk.states.get(timeout=5) == GONE
    assert desk.states.empty()  # nobody is told that it is back


def test_the_pictures_are_the_cameras_own_where_they_fit() -> None:
    picture = np.ascontiguousarray(plain(RED))
    camera = FakeCamera([picture])
    with Desk(camera).source() as source:
        assert step(camera, iter(source)).pixels is picture


def test_a_slow_reader_gets_the_newest() -> None:
    camera = FakeCamera([np.full((4, 4, 3), level, np.uint8) for level in range(50)])
    with Desk(camera).source() as source:
        frames = iter(source)
        step(camera, frames)
        for _ in range(49):
            camera.taken.release()
        give_up_s = time.monotonic() + 5
        while source._frames.newest()[0] < 50 and time.monotonic() < give_up_s:
            time.sleep(0.001)
        rest = list(itertools.islice(frames, 1))
    assert (rest[0].pixels[0, 0, 0], rest[0].index) == (49, 1)
