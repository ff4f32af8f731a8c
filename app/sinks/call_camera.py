"""The virtual camera of a call, in the process that outlives this one where there is one."""

from __future__ import annotations

from collections.abc import Callable

from app.supervisor.channel import inherited_channel
from model.errors import AffectcamError

from .kept_camera import KeptCamera
from .steady_camera import SteadyCamera

CallCamera = SteadyCamera | KeptCamera


def open_call_camera(
    size: tuple[int, int],
    fps: float,
    *,
    device: str | None = None,
    backend: str | None = None,
    on_failure: Callable[[AffectcamError], None] | None = None,
) -> CallCamera:
    """Open it; the arguments and errors are those of :class:`SteadyCamera`."""
    channel = inherited_channel()
    if channel is None:
        return SteadyCamera(size, fps, device=device, backend=backend, on_failure=on_failure)
    return KeptCamera(channel, size, fps, device=device, backend=backend, on_failure=on_failure)
