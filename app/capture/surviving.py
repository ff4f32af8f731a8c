"""A camera that may be unplugged, taken by another program or stall, and is waited for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

from app.capture.same_camera import SameCamera
from app.capture.trouble import TakenError
from app.pictures import fit
from app.pipeline.worker import Slot, Worker
from app.types import Frame, Source
from model.closing import Closing
from model.errors import SourceError

logger = logging.getLogger(__name__)

#: Seconds between two attempts to open a camera that is there: the first, doubled each time up to the longest.
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 5.0
#: A camera or driver that is slow to let go is left behind after so many seconds; it is closed when it does.
CLOSING_S = 0.4


class Surviving(Closing):
    """A live :class:`app.types.Source` around a camera, which goes on when the camera comes back.

    The camera is read in a thread of its own, so that closing never waits for a driver. Size, name and rate stay those
    of the first opening.
    """

    live = True
    frame_count = None

    def __init__(
        self,
        address: int | str,
        open_camera: Callable[[str], Source],
        *,
        on_state: Callable[[str | None], None],
        same: SameCamera | None = None,
        first_wait_s: float = FIRST_WAIT_S,
        longest_wait_s: float = LONGEST_WAIT_S,
    ) -> None:
        """Open the camera.

        Args:
            address: an index (0 or "0"), a device path or a URL.
            open_camera: opens what an address names; called again, perhaps with another one, when it is back.
            on_state: told in words why the camera is waited for, and None when it is back; called in the camera's
                thread, and must return soon.
            same: finds the camera again; by what the system tells if None.
            first_wait_s: before the first attempt to open it again.
            longest_wait_s: between two attempts.

        Raises:
            SourceError: it cannot be opened the first time.
        """
        self._open_camera, self._on_state = open_camera, on_state
        self._first_wait_s, self._longest_wait_s = first_wait_s, longest_wait_s
        self._camera = open_camera(str(address))
        self._same = SameCamera(address) if same is None else same
        self.name, self.size, self.fps = self._camera.name, self._camera.size, self._camera.fps
        self.loss: str | None = None
        self._frames: Slot[Frame] = Slot()
        self._closed = threading.Event()
        self._worker = Worker("camera", self._work, on_failure=self._frames.close)

    def __iter__(self) -> Iterator[Frame]:
        """Yield the newest frame, each once, until closed or until a stream comes to its end."""
        if self._closed.is_set():
            return
        self._worker.start()
        version, index = 0, 0
        while (newest := self._frames.wait_newer(version)) is not None and not self._closed.is_set():
            version, frame = newest
            yield Frame(pixels=fit(frame.pixels, self.size), time_s=frame.time_s, index=index)
            index += 1
        if self._worker.failure is not None and not self._closed.is_set():
            raise self._worker.failure

    def close(self) -> None:
        """Release the camera, within a second, also from another thread; safe to call twice."""
        self._closed.set()
        self._frames.close()
        # In a thread, because closing waits for a read under way, and that for the driver.
        closing = Worker("camera-close", self._camera.close, on_failure=lambda: None)
        closing.start()
        closing.join(CLOSING_S)
        self._worker.join(CLOSING_S)

    def _work(self) -> None:
        while self._read():
            camera = self._open_again()
            if camera is None:
                break
            self._camera = camera
            self._tell(None)
        self._frames.close()

    def _read(self) -> bool:
        """Hand on what the camera gives; True when it fails, False when it ends or is closed."""
        camera = self._camera
        try:
            for frame in camera:
                if self._closed.is_set():
                    return False
                self._frames.put(frame)
            self.loss = camera.loss
            return False
        except SourceError as error:
            logger.info("%s", error)
            self._tell(f"{self.name} is gone; waiting for it to come back")
            return not self._closed.is_set()
        finally:
            camera.close()

    def _open_again(self) -> Source | None:
        """Try until the camera is open; None if closed before."""
        wait_s, taken = self._first_wait_s, False
        while not self._closed.wait(wait_s):
            address = self._same.address()
            if address is None:  # looking costs little: it shall be back as soon as it is plugged in
                wait_s = self._first_wait_s
                continue
            wait_s = min(2 * wait_s, self._longest_wait_s)
            try:
                camera = self._open_camera(address)
            except SourceError as error:
                logger.info("%s", error)
                if isinstance(error, TakenError) and not taken:
                    taken = True
                    self._tell(f"{self.name} is taken by another program; waiting until it is free")
                continue
            if not self._closed.is_set():
                return camera
            camera.close()
        return None

    def _tell(self, state: str | None) -> None:
        if not self._closed.is_set():
            self._on_state(state)
