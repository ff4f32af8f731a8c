"""The demo clip that ships with affectcam: a moving face, for machines without a camera."""

from __future__ import annotations

from app.capture.video_file import VideoFile
from app.span import Span
from model.errors import SourceError
from model.paths import assets_folder


class DemoClip(VideoFile):
    """The bundled clip as a file source."""

    def __init__(self, *, every: int = 1, span: Span | None = None) -> None:
        """Open it, or a part of it.

        Raises:
            SourceError: this installation lacks it.
        """
        path = assets_folder() / "demo.mp4"
        if not path.is_file():
            raise SourceError(
                f"the demo clip is missing ({path}); install affectcam again, or run scripts/make_demo.py"
            )
        super().__init__(path, every=every, span=span)

    @property
    def name(self) -> str:
        """'the demo'."""
        return "the demo"


def open_demo() -> DemoClip:
    """Open the demo clip.

    Raises:
        SourceError: this installation lacks it.
    """
    return DemoClip()
