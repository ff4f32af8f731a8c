"""Make ``assets/demo.mp4``: fourteen seconds of a face that moves and changes, from a picture that may be shipped.

The picture is ``skimage.data.astronaut()`` (Eileen Collins, photographed by NASA, public domain). The person is cut out
of it and moved before the photograph's own background, blurred; her expression is changed by bending the picture
(``scripts/demo_face.py``). She comes nearer and goes farther, turns her head a little, stands in darker and brighter
light, leaves the picture for a moment and comes back mirrored. The sound is a soft chord that we generate.

Run: ``python scripts/make_demo.py [OUTPUT]`` (about a minute; needs the extra ``dev``). The same versions of the
libraries give the same pictures.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import skimage.data
from demo_face import ANGRY, CENTRE, FINE, HAPPY, NEUTRAL, SAD, SURPRISED, Expression, Floats, Pixels, cut_out, express

WIDTH, HEIGHT, FPS = 640, 480, 30
LENGTH_S = 14.0
#: From when to when no face is in the picture.
AWAY_S = (10.9, 11.6)
SOUND_RATE = 44_100
#: Frames are drawn this many times larger and then averaged down.
_DRAW = 2
#: Blur of the background, in pixels of the photograph.
_BLUR = 24


@dataclass(frozen=True, slots=True)
class Key:
    """How everything stands at a time; between two keys it moves smoothly."""

    time_s: float
    x: float  # centre of the face in the frame, pixels
    y: float
    zoom: float  # frame pixels per pixel of the photograph; the face is about 100 of these high
    turn: float  # degrees
    light: float  # gain
    warmth: float  # -1 blue to 1 yellow
    side: float  # -1 lit from the left, 1 from the right
    expression: Expression


KEYS = (
    Key(0.0, 300, 190, 1.25, 0, 1.0, 0.0, 0.0, HAPPY),
    Key(1.4, 330, 195, 1.30, 3, 1.0, 0.0, 0.0, HAPPY),
    Key(2.1, 335, 200, 1.35, 1, 1.0, 0.0, 0.1, NEUTRAL),
    Key(3.2, 310, 215, 1.60, -4, 1.0, 0.0, 0.3, NEUTRAL),
    Key(3.8, 310, 235, 2.30, -3, 1.05, 0.1, 0.3, SURPRISED),
    Key(5.0, 325, 240, 2.60, 2, 1.10, 0.2, 0.2, SURPRISED),
    Key(5.8, 330, 215, 1.60, 3, 0.9, 0.0, 0.0, NEUTRAL),
    Key(6.5, 335, 200, 0.95, 0, 0.75, -0.4, -0.2, SAD),
    Key(7.7, 290, 205, 0.80, 0, 0.65, -0.6, -0.4, SAD),
    Key(8.3, 280, 200, 1.20, 0, 0.55, -0.3, -0.6, ANGRY),
    Key(9.4, 320, 200, 1.50, -2, 0.60, 0.0, -0.7, ANGRY),
    Key(10.0, 360, 195, 1.45, 0, 0.9, 0.2, -0.3, NEUTRAL),
    Key(AWAY_S[0], 940, 195, 1.45, 6, 1.2, 0.4, 0.0, HAPPY),
    Key(AWAY_S[1], 940, 195, 1.45, 6, 1.25, 0.4, 0.0, HAPPY),
    Key(12.5, 335, 195, 1.40, -2, 1.25, 0.4, 0.2, HAPPY),
    Key(13.3, 315, 195, 1.35, 2, 1.2, 0.3, 0.2, HAPPY),
    Key(LENGTH_S, 300, 190, 1.25, 0, 1.0, 0.0, 0.0, HAPPY),
)


def key_at(time_s: float) -> Key:
    """How everything stands at ``time_s``."""
    after = next((i for i, key in enumerate(KEYS) if key.time_s > time_s), len(KEYS) - 1)
    a, b = KEYS[after - 1], KEYS[after]
    share = min(1.0, max(0.0, (time_s - a.time_s) / (b.time_s - a.time_s)))
    share = share * share * (3 - 2 * share)

    def between(name: str) -> float:
        return float((1 - share) * getattr(a, name) + share * getattr(b, name))

    # Nobody holds quite still.
    sway_x = 5 * np.sin(2 * np.pi * time_s / 3.5)
    sway_y = 3 * np.sin(2 * np.pi * time_s / 2.0)
    return Key(
        time_s,
        between("x") + sway_x,
        between("y") + sway_y,
        between("zoom"),
        between("turn"),
        between("light"),
        between("warmth"),
        between("side"),
        a.expression.towards(b.expression, share),
    )


def draw_background(photograph: Pixels, person: Floats) -> Floats:
    """The photograph's background, the person filled in from around her, blurred and stretched to the frame."""
    taken = cv2.resize(person, (photograph.shape[1], photograph.shape[0]), interpolation=cv2.INTER_AREA) > 0.02
    outlines, _ = cv2.findContours(taken.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    solid = cv2.drawContours(np.zeros(taken.shape, np.uint8), outlines, -1, 1, cv2.FILLED)
    free = 1 - cv2.dilate(solid, np.ones((11, 11), np.uint8)).astype(np.float32)[:, :, None]
    # Each place takes the mean of the free places around it; where she stood, of those farther and farther away.
    filled = np.full(photograph.shape, photograph[solid == 0].mean(axis=0), np.float32)
    for blur in (8 * _BLUR, 4 * _BLUR, 2 * _BLUR, _BLUR):
        shares = cv2.GaussianBlur(free, (0, 0), blur)[:, :, None]
        filled = (cv2.GaussianBlur(photograph * free, (0, 0), blur) + 0.03 * filled) / (shares + 0.03)
    smooth = cv2.GaussianBlur(filled, (0, 0), _BLUR / 2)
    return cv2.resize(smooth[:400], (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


def draw_frame(sprite: Pixels, person: Floats, background: Floats, key: Key) -> Pixels:
    """The picture at one time: uint8 BGR ``(HEIGHT, WIDTH, 3)``."""
    face = express(sprite, key.expression)
    matrix = cv2.getRotationMatrix2D((CENTRE[0] * FINE, CENTRE[1] * FINE), key.turn, key.zoom * _DRAW / FINE)
    matrix[:, 2] += (key.x * _DRAW - CENTRE[0] * FINE, key.y * _DRAW - CENTRE[1] * FINE)
    size = (WIDTH * _DRAW, HEIGHT * _DRAW)
    # The edge is repeated, so that a turn does not show where the photograph ends.
    body = cv2.warpAffine(face, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    share = cv2.warpAffine(person, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    body = cv2.resize(body, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)
    share = cv2.resize(share, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)[:, :, None]
    picture = relit(body * share + background * (1 - share), key)
    if key.time_s >= sum(AWAY_S) / 2:
        picture = picture[:, ::-1]
    return np.ascontiguousarray(np.clip(picture + 0.5, 0, 255).astype(np.uint8))


def relit(picture: Floats, key: Key) -> Floats:
    """The picture in another light: gain, colour and a lamp from one side."""
    across = np.linspace(-1, 1, WIDTH, dtype=np.float32)[None, :, None]
    gain = key.light * (1 + 0.35 * key.side * across)
    colour = np.array([1 - 0.12 * key.warmth, 1.0, 1 + 0.12 * key.warmth], np.float32)
    linear = (np.clip(picture, 0, 255) / 255) ** 1.6 * gain * colour
    # Bright light bends into white instead of being cut off.
    return 255 * np.where(linear < 0.8, linear, 0.8 + 0.2 * np.tanh((linear - 0.8) / 0.2)) ** (1 / 1.6)


def draw_sound() -> Iterator[av.AudioFrame]:
    """A soft chord that swells and fades, mono."""
    time_s = np.arange(int(LENGTH_S * SOUND_RATE)) / SOUND_RATE
    wave = sum(np.sin(2 * np.pi * pitch * time_s) for pitch in (220.0, 277.18, 329.63))
    wave = (
        0.02
        * wave
        * (0.6 + 0.4 * np.sin(2 * np.pi * time_s / 7))
        * np.clip(np.minimum(time_s, LENGTH_S - time_s), 0, 1)
    )
    wave = wave.astype(np.float32)
    for begin in range(0, len(wave), 1024):
        block = av.AudioFrame.from_ndarray(wave[None, begin : begin + 1024], format="fltp", layout="mono")
        block.sample_rate, block.pts, block.time_base = SOUND_RATE, begin, Fraction(1, SOUND_RATE)
        yield block


def write_demo(path: Path) -> None:
    """Draw every frame and write the clip; it appears whole or not at all."""
    photograph = cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR)
    sprite, person = cut_out(photograph)
    background = draw_background(photograph, person)
    part = path.with_name(path.name + ".part")
    # bitexact: neither the writing program's version nor the time in the file.
    with av.open(str(part), "w", format="mp4", options={"movflags": "faststart", "fflags": "+bitexact"}) as container:
        # One thread, so that the file does not depend on the machine.
        options = {"preset": "slow", "crf": "23", "threads": "1", "bf": "2", "g": "60", "flags": "+bitexact"}
        video = container.add_stream("libx264", rate=FPS, options=options)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.codec_context.colorspace, video.codec_context.color_range = 1, 1  # BT.709, limited range
        sound = container.add_stream("aac", rate=SOUND_RATE, layout="mono", options={"flags": "+bitexact"})
        sound.bit_rate = 48_000
        for index in range(round(LENGTH_S * FPS)):
            picture = draw_frame(sprite, person, background, key_at(index / FPS))
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame = frame.reformat(
                format="yuv420p", dst_colorspace="ITU709", src_color_range="JPEG", dst_color_range="MPEG", threads=1
            )
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for block in draw_sound():
            container.mux(sound.encode(block))
        container.mux(sound.encode(None))
    part.replace(path)


def main() -> None:
    """Read the command line and write the clip."""
    parser = argparse.ArgumentParser(description="Make the demo clip from a picture that may be shipped.")
    default = Path(__file__).parent.parent / "assets" / "demo.mp4"
    parser.add_argument("output", nargs="?", type=Path, default=default, help=f"where to (default: {default})")
    write_demo(parser.parse_args().output)


if __name__ == "__main__":
    main()
