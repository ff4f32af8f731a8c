"""Who is told what happens in the window's session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .states import CalibrationState, CameraState, Reader, RecordingState, Running

if TYPE_CHECKING:
    from app.capture.cameras import CameraInfo
    from app.capture.modes import CameraMode


class Listener(Protocol):
    """Who is told what happens; called in the session's thread or in the run's."""

    def on_cameras(self, cameras: list[CameraInfo]) -> None:
        """The cameras of this machine."""

    def on_modes(self, spec: str, modes: list[CameraMode]) -> None:
        """Which resolutions and rates a source offers; none where that is not known."""

    def on_started(self, running: Running) -> None:
        """The source is open; pictures follow."""

    def on_reader(self, reader: Reader) -> None:
        """What reads the faces from now on."""

    def on_waiting(self, reason: str | None) -> None:
        """The source has gone and is waited for, in words; or it is back."""

    def on_ended(self, loss: str | None) -> None:
        """The source came to its end by itself; what of it could not be read."""

    def on_failed(self, message: str) -> None:
        """Starting or running failed; one line."""

    def on_trouble(self, message: str) -> None:
        """Something beside the run failed, and the run goes on; one line."""

    def on_notice(self, message: str) -> None:
        """Something was done, in words."""

    def on_refused(self, name: str, value: object) -> None:
        """A setting could not be applied; ``value`` stays."""

    def on_virtual_camera(self, state: CameraState) -> None:
        """How the virtual camera is."""

    def on_recording(self, state: RecordingState) -> None:
        """How the recording is."""

    def on_calibration(self, state: CalibrationState) -> None:
        """How the calibration goes."""
