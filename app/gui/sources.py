"""From the window's choice to a source that survives being unplugged, opened beside everything else."""

from __future__ import annotations

from collections.abc import Callable

from app.pipeline.worker import Worker
from app.settings import Settings
from app.types import Source


def is_camera(spec: str) -> bool:
    """Whether ``spec`` names a camera or a stream, which can be waited for; not a file."""
    from app.capture import open as opening

    return opening.is_camera(spec)


def is_device(spec: str) -> bool:
    """Whether ``spec`` names a camera of this machine, which can be asked for a size and a rate; not a stream."""
    from app.capture.trouble import is_url

    return is_camera(spec) and not is_url(spec)


def open_live(spec: str, settings: Settings, on_waiting: Callable[[str | None], None]) -> Source:
    """Open what ``spec`` names; a camera that goes away later is waited for.

    Args:
        spec: as :func:`app.capture.open.open_source` takes it.
        settings: size and rate asked of a camera.
        on_waiting: told why a camera is waited for, and None when it is back; called in the run's thread.

    Raises:
        SourceError: it is missing, busy, forbidden or no video.
    """
    from app.capture import open as opening
    from app.capture.surviving import Surviving

    width, height = settings.captured

    def open_it(address: str) -> Source:
        return opening.open_source(address, width=width, height=height, fps=settings.capture_fps, live=True)

    if not is_camera(spec):
        return open_it(spec)
    return Surviving(spec, open_it, on_state=on_waiting)


class Opener:
    """Opens sources, each in a thread of its own: one that takes minutes, or for ever, keeps no other waiting."""

    def __init__(
        self,
        opened: Callable[[str, Source], None],
        failed: Callable[[BaseException], None],
        on_waiting: Callable[[str | None], None],
        later: Callable[[Callable[[], None]], None],
    ) -> None:
        """Prepare.

        Args:
            opened: takes what was opened, and what it was called.
            failed: takes why it could not be opened.
            on_waiting: as :func:`open_live` takes it.
            later: runs something in the session's thread, as ``opened`` and ``failed`` are.
        """
        self._opened, self._failed = opened, failed
        self._on_waiting, self._later = on_waiting, later
        self._workers: list[Worker] = []

    def open(self, spec: str, settings: Settings, wanted: Callable[[], bool]) -> None:
        """Begin to open; what is no longer ``wanted`` when it is open is closed again, and nobody hears of it."""
        worker = Worker(
            "open", lambda: self._work(spec, settings, wanted), on_failure=lambda: self._told(worker, wanted)
        )
        self._workers = [each for each in self._workers if not each.join(0)]
        self._workers.append(worker)
        worker.start()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until nothing is being opened any more; True if that is so."""
        return all(worker.join(timeout_s) for worker in self._workers)

    def _work(self, spec: str, settings: Settings, wanted: Callable[[], bool]) -> None:
        source = open_live(spec, settings, lambda reason: self._on_waiting(reason) if wanted() else None)
        if wanted():
            self._later(lambda: self._hand_over(spec, source, wanted))
        else:
            source.close()

    def _hand_over(self, spec: str, source: Source, wanted: Callable[[], bool]) -> None:
        if wanted():
            self._opened(spec, source)
        else:
            source.close()

    def _told(self, worker: Worker, wanted: Callable[[], bool]) -> None:
        failure = worker.failure
        if failure is not None:
            self._later(lambda: self._failed(failure) if wanted() else None)
