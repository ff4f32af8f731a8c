"""The virtual camera that Zoom, Meet or Teams can pick, by pyvirtualcam."""

from __future__ import annotations

import sys
from types import ModuleType, TracebackType
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from app.types import FrameResult
from model.errors import SinkError

from .fit import even, fit
from .loopback import loopback_devices, shown_name

_CURES = {
    "linux": ("sudo apt install v4l2loopback-dkms && sudo modprobe v4l2loopback exclusive_caps=1 card_label=affectcam"),
    "win32": "install OBS Studio, which brings the OBS Virtual Camera, or Unity Capture",
    "darwin": "install OBS 30 or newer, and start and stop its virtual camera once",
}


class VirtualCameraSink:
    """Sends BGR pictures to a virtual camera. Pacing is the caller's: one :meth:`send` is one frame."""

    def __init__(
        self, size: tuple[int, int], fps: float, device: str | None = None, backend: str | None = None
    ) -> None:
        """Open the camera.

        Args:
            size: ``(width, height)`` in pixels; odd ones are rounded up, since several systems refuse them.
            fps: frames per second that the camera announces.
            device: its name (``/dev/video10``, ``OBS Virtual Camera``); the first that works if None.
            backend: one of :func:`list_backends`; the first that works if None.

        Raises:
            SinkError: none could be opened; the message says why and how to get one on this system.
        """
        self.size = even(size)
        #: What the camera announces, in frames per second.
        self.fps = fps if 0 < fps < float("inf") else 30.0
        self._camera: Any = _open(self.size, self.fps, device, backend)
        self._sent: NDArray[np.uint8] | None = None  # what the back end got last
        #: The camera's name, as the system knows it.
        self.device: str = self._camera.device
        #: Its name, as other programs show it.
        self.name = shown_name(self.device)
        #: The name of its back end.
        self.backend: str = self._camera.backend

    @property
    def needs_drawing(self) -> bool:
        """It sends ``result.drawn``."""
        return True

    @property
    def current_fps(self) -> float:
        """The rate of the latest sends, measured, in frames per second; 0 when closed."""
        return float(self._camera.current_fps) if self._camera is not None else 0.0

    def send(self, pixels: NDArray[np.uint8]) -> None:
        """Send one picture, uint8 BGR ``(height, width, 3)``; another size is fitted in with black bars.

        Raises:
            SinkError: the camera is closed or its back end fails.
        """
        if self._camera is None:
            raise SinkError(f"the virtual camera {self.device} is closed; open it again")
        self._sent = np.asarray(cv2.cvtColor(fit(pixels, self.size), cv2.COLOR_BGR2RGB), dtype=np.uint8)
        self.repeat()

    def repeat(self) -> None:
        """Send the latest picture again, which costs less than :meth:`send`; nothing if there was none.

        Raises:
            SinkError: the camera is closed or its back end fails.
        """
        if self._camera is None:
            raise SinkError(f"the virtual camera {self.device} is closed; open it again")
        if self._sent is None:
            return
        try:
            self._camera.send(self._sent)
        except (RuntimeError, OSError) as error:
            raise SinkError(f"the virtual camera {self.device} failed: {_one_line(error)}; start it again") from error

    def write(self, result: FrameResult) -> None:
        """Send what was drawn.

        Raises:
            SinkError: the camera is closed or its back end fails.
            ValueError: ``result.drawn`` is missing.
        """
        if result.drawn is None:
            raise ValueError("the virtual camera needs result.drawn; needs_drawing says so")
        self.send(result.drawn)

    def close(self) -> None:
        """Release the camera; more than once does no harm."""
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.close()

    def __enter__(self) -> Self:
        """Give the sink; the camera is open since it was made."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the camera."""
        self.close()


def list_backends() -> list[str]:
    """The names of pyvirtualcam's back ends on this system; a back end may be there and no camera behind it.

    Raises:
        SinkError: pyvirtualcam cannot be loaded.
    """
    return list(_registered(_pyvirtualcam()))


def available() -> tuple[bool, str]:
    """Whether a virtual camera is there, and in words which one, or why not and how to get one."""
    reasons = []
    try:
        names = list_backends()
    except SinkError as error:
        return False, str(error)
    for name in names:
        there, words = _look_at_loopback() if name == "v4l2loopback" else _try(name)
        if there:
            return True, words
        reasons.append(words)
    return False, f"{'; '.join(reasons) or 'no back end for this system'}; {_cure()}"


def _look_at_loopback() -> tuple[bool, str]:
    # Opening it as pyvirtualcam does would set its format under the feet of a program that reads from it.
    devices, refused = loopback_devices()
    if devices:
        return True, ", ".join(f"{device.label} ({device.path})" for device in devices)
    if refused:
        return False, f"no permission for {refused[0]} (sudo usermod -aG video $USER, then log in again)"
    return False, "no v4l2loopback device"


def _try(backend: str) -> tuple[bool, str]:
    try:
        with VirtualCameraSink((640, 480), 30.0, backend=backend) as sink:
            return True, f"{sink.device} ({backend})"
    except SinkError as error:
        return False, str(error.__cause__ or error).splitlines()[0]


def _open(size: tuple[int, int], fps: float, device: str | None, backend: str | None) -> Any:
    pyvirtualcam = _pyvirtualcam()
    known = list(_registered(pyvirtualcam))
    if backend is not None and backend not in known:
        # Asked beforehand, because pyvirtualcam's own KeyError leaves an object that cannot be deleted cleanly.
        raise SinkError(f"no virtual camera back end {backend!r}; there is: {', '.join(known) or 'none'}")
    try:
        return pyvirtualcam.Camera(*size, fps, device=device, backend=backend)
    except (RuntimeError, OSError, ValueError) as error:
        what = f"cannot open the virtual camera {device}" if device else "no virtual camera could be opened"
        raise SinkError(f"{what}: {_one_line(error)}; {_cure()}") from error


def _pyvirtualcam() -> ModuleType:
    # Imported when asked for: it loads a native library, and classify has no use for it.
    try:
        import pyvirtualcam
    except (ImportError, OSError) as error:
        raise SinkError(f"pyvirtualcam cannot be loaded ({_one_line(error)}); pip install pyvirtualcam") from error
    return pyvirtualcam  # type: ignore[no-any-return]


def _registered(pyvirtualcam: ModuleType) -> dict[str, type]:
    return pyvirtualcam.camera.BACKENDS  # type: ignore[no-any-return]


def _cure() -> str:
    return f"to get one: {_CURES.get(sys.platform, _CURES['linux'])}"


def _one_line(error: BaseException) -> str:
    lines = [line.strip().rstrip(".") for line in str(error).splitlines() if line.strip()]
    return ", ".join(lines).replace(" See also pyvirtualcam's documentation", "") or type(error).__name__
