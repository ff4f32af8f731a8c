"""The supervisor's side of the virtual camera: opened, fed and closed as the messages say."""

from __future__ import annotations

import time
from typing import Any

from app.sinks.steady_camera import SteadyCamera
from model.closing import Closing
from model.errors import AffectcamError

from .channel import Channel, Message
from .shared_pictures import SharedPictures

_STATE_EVERY_S = 0.5


class Kept(Closing):
    """At most one camera. It stays open when the program that feeds it crashes, for the one that takes its place."""

    def __init__(self) -> None:
        self._camera: SteadyCamera | None = None
        self._wish: Any = None  # what it was opened for
        self._pictures: SharedPictures | None = None
        self._told_s = 0.0
        self._failure: AffectcamError | None = None
        self._fed = False  # whether the present program has opened it
        #: Seconds of this process's running time in which the program that has the camera open said nothing.
        self.silent_s = 0.0

    @property
    def on(self) -> bool:
        """Whether there is a camera, and a call may look at it."""
        return self._camera is not None and self._failure is None

    def await_another(self) -> None:
        """Another program begins, which may or may not open the camera; until it does, it owes no sign of life."""
        self._fed, self.silent_s = False, 0.0

    def serve(self, channel: Channel, patience_s: float) -> None:
        """Do what the messages of the next ``patience_s`` seconds ask for; of several pictures only the last is shown.

        Raises:
            EOFError: the other end is gone.
        """
        picture: Message | None = None
        began_s = time.monotonic()
        got = channel.receive(patience_s)
        # No more than a wait may take: the machine may have slept, or both programs were stopped.
        waited_s = min(time.monotonic() - began_s, 2 * patience_s)
        self.silent_s = self.silent_s + waited_s if got is None and self._fed else 0.0
        while got is not None:
            message, _ = got
            if message["kind"] == "picture":
                picture = message
            else:
                self._show(picture)
                picture = None
                self._answer(channel, message)
            got = channel.receive()
        self._show(picture)
        self._tell_state(channel)

    def close(self) -> None:
        """Release the camera."""
        camera, self._camera = self._camera, None
        pictures, self._pictures = self._pictures, None
        self._failure, self._fed = None, False
        if camera is not None:
            camera.close()
        if pictures is not None:
            pictures.close()

    def _answer(self, channel: Channel, message: Message) -> None:
        if message["kind"] == "open":
            self._open(channel, message)
        elif message["kind"] == "pause" and self._camera is not None:
            self._camera.pause(message["words"])
        elif message["kind"] == "close":
            self.close()
            channel.send({"kind": "closed"})

    def _open(self, channel: Channel, message: Message) -> None:
        wish = (tuple(message["size"]), message["fps"], message["device"], message["backend"])
        if self._camera is None or wish != self._wish or self._failure is not None:
            self.close()
            try:
                self._camera = SteadyCamera(
                    wish[0], wish[1], device=wish[2], backend=wish[3], on_failure=self._note_failure
                )
                self._pictures = SharedPictures(self._camera.size)
            except (AffectcamError, OSError) as error:
                self.close()
                channel.send({"kind": "refused", "words": str(error)})
                return
            self._wish = wish
        assert self._pictures is not None
        self._fed = True
        camera = self._camera
        told = {"size": camera.size, "fps": camera.fps, "device": camera.device, "name": camera.name}
        channel.send({"kind": "opened", "backend": camera.backend, **told}, self._pictures.descriptor)

    def _show(self, message: Message | None) -> None:
        if message is None or self._camera is None or self._pictures is None:
            return
        pixels = self._pictures.read(message["serial"])
        if pixels is not None:
            self._camera.show(pixels, (message["index"], message["time_s"]))

    def _note_failure(self, error: AffectcamError) -> None:
        self._failure = error  # told with the next state: this is the camera's thread

    def _tell_state(self, channel: Channel) -> None:
        if self._camera is None or time.monotonic() - self._told_s < _STATE_EVERY_S:
            return
        self._told_s = time.monotonic()
        try:
            if self._failure is not None:
                channel.send({"kind": "failed", "words": str(self._failure)})
            camera = self._camera
            channel.send({"kind": "state", "sent": camera.sent, "late": camera.late, "fps": camera.current_fps})
        except OSError:
            raise EOFError from None
