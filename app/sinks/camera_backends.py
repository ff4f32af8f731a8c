"""What can make a virtual camera here: pyvirtualcam's back ends, and PipeWire on Linux."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from model.errors import SinkError

from . import pipewire
from .camera_help import camera_help
from .loopback import LoopbackDevice, loopback_devices
from .loopback_writer import STILL_READ, open_writer
from .pipewire_daemon import lacking

_PROBE = (640, 480, 30.0)
_LOOPBACK = "v4l2loopback"
# What it means where exclusive_caps=1 and the device exists.
_TAKEN = "takes no pictures now: another program feeds it, or reads what one fed that has ended; close that program"


def list_backends() -> list[str]:
    """The names of the back ends on this system, in the order in which they are tried.

    One of pyvirtualcam's may be there and no camera behind it; PipeWire is named only where it works.

    Raises:
        SinkError: pyvirtualcam cannot be loaded.
    """
    return [*_registered(_pyvirtualcam()), *([] if _lacks_pipewire() else [pipewire.NAME])]


def available() -> tuple[bool, str]:
    """Whether a virtual camera is there, and in words which one, or why not and how to get one."""
    reasons = []
    try:
        names = list(_registered(_pyvirtualcam()))
    except SinkError as error:
        names = []
        reasons.append(str(error))
    for name in names:
        there, words = _look_at_loopback() if name == _LOOPBACK else _try(name)
        if there:
            return True, words
        reasons.append(words)
    if sys.platform == "linux":
        if not (lack := _lacks_pipewire()):
            return True, "PipeWire, for programs that take cameras from it (Firefox, OBS; not Zoom)"
        reasons.append(lack)
    return False, f"{'; '.join(reasons) or 'no back end for this system'}; {_cure()}"


def open_camera(size: tuple[int, int], fps: float, device: str | None, backend: str | None) -> Any:
    """Open a camera: an object with ``send``, ``close``, ``device``, ``backend`` and ``current_fps``.

    pyvirtualcam's take RGB, PipeWire's takes BGR.

    Raises:
        SinkError: none could be opened; the message says why and how to get one on this system.
    """
    if backend == pipewire.NAME:
        return _open_pipewire(size, fps, device)
    try:
        return _open_pyvirtualcam(size, fps, device, backend)
    except SinkError:
        # A device that was asked for by name is not one of PipeWire's, which has whatever name it is given.
        if backend is not None or device is not None or _lacks_pipewire():
            raise
    return _open_pipewire(size, fps, device)


def who_can_pick(backend: str) -> str:
    """The programs that see the cameras of ``backend``, for messages."""
    if backend == pipewire.NAME:
        return "Programs that take cameras from PipeWire (Firefox, OBS)"
    return "Zoom, Meet and Teams"


def one_line(error: BaseException) -> str:
    """An exception's words in one line, without pyvirtualcam's advice to read its manual."""
    lines = [line.strip().rstrip(".") for line in str(error).splitlines() if line.strip()]
    text = ", ".join(lines).replace(" See also pyvirtualcam's documentation", "")
    return text.replace("is not a video output device", _TAKEN) or type(error).__name__


def _open_pipewire(size: tuple[int, int], fps: float, device: str | None) -> Any:
    try:
        return pipewire.PipewireCamera(*size, fps, device=device)
    except SinkError as error:
        raise SinkError(f"no virtual camera could be opened in PipeWire: {error}") from error


def _open_pyvirtualcam(size: tuple[int, int], fps: float, device: str | None, backend: str | None) -> Any:
    pyvirtualcam = _pyvirtualcam()
    known = list(_registered(pyvirtualcam))
    if backend is not None and backend not in known:
        # Asked beforehand, because pyvirtualcam's own KeyError leaves an object that cannot be deleted cleanly.
        there = ", ".join(list_backends()) or "none"
        raise SinkError(f"no virtual camera back end {backend!r}; there is: {there}")

    def open_it(chosen: str | None) -> Any:
        return pyvirtualcam.Camera(*size, fps, device=chosen, backend=backend)

    try:
        if _LOOPBACK in known and backend in (None, _LOOPBACK):
            return open_writer(open_it, device, size)
        return open_it(device)
    except (RuntimeError, OSError, ValueError) as error:
        what = f"cannot open the virtual camera {device}" if device else "no virtual camera could be opened"
        words = one_line(error)
        in_use = any(sign in words for sign in (_TAKEN, STILL_READ))
        raise SinkError(f"{what}: {words}" + ("" if in_use else f"; {_cure()}")) from error


def _look_at_loopback() -> tuple[bool, str]:
    # Opening it as pyvirtualcam does would set its format under the feet of a program that reads from it.
    devices, refused = loopback_devices()
    if devices:
        told = (f"{device.label} ({device.path}{'' if _free(device) else ', in use'})" for device in devices)
        return True, ", ".join(told)
    if refused:
        return False, f"no permission for {refused[0]} (sudo usermod -aG video $USER, then log in again)"
    return False, "no v4l2loopback device"


def _free(device: LoopbackDevice) -> bool:
    return device.takes_pictures or device.stuck  # a stuck one is revived before it is opened


def _try(backend: str) -> tuple[bool, str]:
    width, height, fps = _PROBE
    try:
        camera = _open_pyvirtualcam((width, height), fps, None, backend)
    except SinkError as error:
        return False, str(error.__cause__ or error).splitlines()[0]
    try:
        return True, f"{camera.device} ({backend})"
    finally:
        camera.close()


def _lacks_pipewire() -> str:
    """Why there is no camera in PipeWire, in words; empty if there can be one."""
    reason, cure = lacking()
    return reason + (f" ({cure})" if cure else "")


def _pyvirtualcam() -> ModuleType:
    # Imported when asked for: it loads a native library, and classify has no use for it.
    try:
        import pyvirtualcam
    except (ImportError, OSError) as error:
        raise SinkError(f"pyvirtualcam cannot be loaded ({one_line(error)}); pip install pyvirtualcam") from error
    return pyvirtualcam  # type: ignore[no-any-return]


def _registered(pyvirtualcam: ModuleType) -> dict[str, type]:
    return pyvirtualcam.camera.BACKENDS  # type: ignore[no-any-return]


def _cure() -> str:
    return f"to get one: {camera_help().cure}"
