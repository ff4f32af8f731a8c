"""Keeps count of the pictures of a file that could not be read, and of no others than those asked for."""

from __future__ import annotations

from collections.abc import Callable

import av
from av.packet import Packet
from av.stream import Stream


class Damage:
    """What went wrong between the first and the last picture asked for.

    A decoder works on several pictures at once: when a picture comes out, it has read some of those behind, and what
    failed among them may lie beyond the end of the part.
    """

    def __init__(self) -> None:
        self.failed = 0  # packets that did not decode, up to the newest picture
        self._failed_since = 0
        self._flagged_packets: list[int | None] = []  # their times, in ticks
        self._flagged_frames = 0
        self._ahead: set[int] = set()  # times of the packets whose pictures have not come, in ticks

    def fed(self, packet: Packet[Stream]) -> None:
        """A packet goes into the decoder."""
        if packet.pts is not None and packet.size:
            self._ahead.add(packet.pts)
        if packet.is_corrupt and packet.size:
            self._flagged_packets.append(packet.pts)

    def error(self) -> None:
        """The decoder refused something."""
        self._failed_since += 1

    def came(self, frame: av.VideoFrame) -> None:
        """A picture came out that was asked for, or on which such a one may depend."""
        self.failed += self._failed_since
        self._failed_since = 0
        self._flagged_frames += frame.is_corrupt
        if frame.pts is not None:
            newest = frame.pts
            self._ahead = {ticks for ticks in self._ahead if ticks > newest}

    def begin(self, key: av.VideoFrame, within: Callable[[int], bool]) -> None:
        """No picture depends on what came before ``key``, which is next: of that, only ticks ``within`` count."""
        before = self._ahead if key.pts is None else {ticks for ticks in self._ahead if ticks < key.pts}
        self._keep(before, within)
        self._flagged_frames = 0

    def end(self, within: Callable[[int], bool]) -> None:
        """The part is over: of what the decoder has read in advance, only ticks that are ``within`` count."""
        failed, self.failed = self.failed, 0
        self._keep(self._ahead, within)
        self.failed += failed

    def _keep(self, ahead: set[int], within: Callable[[int], bool]) -> None:
        self.failed = min(self.failed + self._failed_since, sum(within(ticks) for ticks in ahead))
        self._failed_since = 0
        self._flagged_packets = [ticks for ticks in self._flagged_packets if ticks is None or within(ticks)]

    @property
    def pictures(self) -> int:
        """How many pictures are missing or patched up."""
        return self.failed + self._failed_since + max(len(self._flagged_packets), self._flagged_frames)
