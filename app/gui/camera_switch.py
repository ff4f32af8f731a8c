"""The virtual camera beside the preview: it outlives the run, so that a call never sees a frozen device."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from app.pipeline.look import Look
from app.settings import Settings
from app.settings.table import size_of
from app.types import FrameResult, Source
from model.errors import AffectcamError

from . import words
from .states import CameraState
from .translate import tr

if TYPE_CHECKING:
    from app.pipeline.live import LiveRunner
    from app.sinks.call_camera import CallCamera


class CameraSwitch:
    """Opens a virtual camera and feeds it from each run, in the session's thread, where all methods run.

    It is opened with the first run after it was switched on, since its size may be the source's; from then on it stays
    open, with a "paused" card between runs, until it is switched off.
    """

    def __init__(self, tell: Callable[[CameraState], None], later: Callable[[Callable[[], None]], None]) -> None:
        """Begin switched off.

        Args:
            tell: told how it is.
            later: runs something in the session's thread.
        """
        self._wanted = False
        self._listener, self._later = tell, later
        self._told: CameraState | None = None
        self._run: tuple[LiveRunner, Source] | None = None
        self._look = Look()
        self._wish = _wish(Settings())
        self._camera: CallCamera | None = None
        self._feed: _Feed | None = None  # of the present run

    @property
    def on(self) -> bool:
        """Whether it is switched on."""
        return self._wanted

    def attach(self, runner: LiveRunner, source: Source) -> None:
        """A run has begun."""
        self._run = (runner, source)
        if self._wanted:
            self._open()

    def detach(self) -> None:
        """The run has ended; the camera shows that it is paused."""
        self._run, self._feed = None, None
        if self._camera is not None:
            self._camera.pause(words.PAUSED)
            self._tell(CameraState(words=words.camera_paused(self._name()), on=True))
        elif self._wanted:
            self._tell(CameraState(words=words.CAMERA_WAITS, on=True))

    def change(self, settings: Settings, look: Look) -> None:
        """Draw otherwise from the next picture on; another device or size is opened anew."""
        self._look = look
        if self._run is not None and self._feed is not None:
            self._run[0].set_look(self._feed, look)
        if (wish := _wish(settings)) != self._wish:
            self._wish = wish
            if self._camera is not None:
                self._close()
                self.switch(True)

    def switch(self, on: bool) -> None:
        """Open the camera, now or as soon as something runs; or close it."""
        self._wanted = on
        if not on:
            self._close()
            self._tell(CameraState(words=words.CAMERA_OFF, on=False))
        elif self._run is None:
            self._tell(CameraState(words=words.CAMERA_WAITS, on=True))
        elif self._camera is None:
            self._tell(CameraState(words=words.CAMERA_OPENING, on=True))
            self._open()

    def look(self) -> None:
        """Tell whether this system has a virtual camera, or else how to get one."""
        from app.sinks.virtual_camera import available

        if self._wanted and self._told is not None:
            self._tell(self._told)
            return
        there, reason = available()
        self._tell(
            CameraState(words=words.CAMERA_OFF if there else words.camera_missing(reason), on=False, missing=not there)
        )

    def _tell(self, state: CameraState) -> None:
        self._told = state
        self._listener(state)

    def _open(self) -> None:
        from app.sinks.call_camera import open_call_camera
        from app.sinks.pipewire import NAME as PIPEWIRE

        assert self._run is not None
        runner, source = self._run
        backend, device, size = self._wish
        if self._camera is None:
            try:
                self._camera = open_call_camera(
                    source.size if size is None else size,
                    min(60.0, source.fps),
                    device=device,
                    backend=backend,
                    on_failure=lambda error: self._later(lambda: self._lose(camera, error)),
                )
            except AffectcamError as error:
                self._wanted = False
                self._tell(CameraState(words=words.camera_missing(words.one_line(error)), on=False, missing=True))
                return
        camera = self._camera
        self._feed = _Feed(camera)
        runner.add_sink(self._feed, self._look)
        who = words.WHO_PIPEWIRE if camera.backend == PIPEWIRE else words.WHO
        self._tell(CameraState(words=words.camera_on(camera.name, tr(who)), on=True))

    def _lose(self, camera: CallCamera, error: AffectcamError) -> None:
        if camera is not self._camera:
            return
        self._close()
        self._wanted = False
        self._tell(CameraState(words=words.camera_missing(words.one_line(error)), on=False, missing=True))

    def _close(self) -> None:
        camera, self._camera = self._camera, None
        feed, self._feed = self._feed, None
        if feed is not None and self._run is not None:
            self._run[0].remove_sink(feed)
        if camera is not None:
            camera.close()

    def _name(self) -> str:
        return "" if self._camera is None else self._camera.name


class _Feed:
    """A run's hold on the camera: the end of the run leaves the camera open."""

    needs_drawing = True

    def __init__(self, camera: CallCamera) -> None:
        self._camera = camera

    def write(self, result: FrameResult) -> None:
        self._camera.write(result)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


def _wish(settings: Settings) -> tuple[str | None, str | None, tuple[int, int] | None]:
    """The back end, device and size that the settings ask for; None: whatever works, and the source's size."""
    backend = None if settings.camera_backend == "auto" else settings.camera_backend
    size = None if settings.camera_size == "source" else size_of(settings.camera_size)
    return backend, settings.camera_device.strip() or None, size
