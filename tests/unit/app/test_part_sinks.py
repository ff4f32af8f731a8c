"""Outputs of a part of a video, and of each N-th frame: in step with picture, sound and each other."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pysubs2
import pytest
from draw_makers import reading
from pipeline_fakes import ListSink
from recording_helpers import decode, duration_s
from video_makers import counting_frames, plain, presentation_times, sound_packets, write_video

from app.capture.video_file import VideoFile
from app.sinks.every_frame import EveryFrame
from app.sinks.files import open_file_sinks
from app.sinks.subtitles import SubtitleSink
from app.sinks.timeline import TimelineSink
from app.sinks.video_file import AnnotatedVideoSink
from app.span import Span
from app.types import Frame, FrameResult
from model.emotions import Emotion
from model.errors import SourceError

RATE = 48_000


def write_clapper(path: Path, *, at_s: float, length_s: float = 6.0, codec: str = "aac", late_s: float = 0.0) -> Path:
    """A dark and silent video in which a flash and a tone of a tenth of a second mark a moment."""
    wave = np.zeros(int(length_s * RATE), np.float32)
    begin, end = int(at_s * RATE), int((at_s + 0.1) * RATE)
    wave[begin:end] = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(end - begin) / RATE)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=30, options={"g": "30", "bf": "2"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.thread_count = 1
        sound = container.add_stream(codec, rate=RATE, layout="mono")
        samples = 0
        for index in range(int(length_s * 30)):
            bright = at_s <= index / 30 + 1e-6 < at_s + 0.1
            frame = av.VideoFrame.from_ndarray(plain((230, 230, 230) if bright else (20, 20, 20)), format="bgr24")
            frame = frame.reformat(format="yuv420p")
            frame.pts, frame.time_base = index + round(30 * late_s), Fraction(1, 30)
            container.mux(video.encode(frame))
            while samples < min(len(wave), (index + 1) / 30 * RATE):
                piece = wave[None, samples : samples + 1024]
                block = av.AudioFrame.from_ndarray(np.ascontiguousarray(piece), format="fltp", layout="mono")
                block.sample_rate, block.time_base = RATE, Fraction(1, RATE)
                block.pts = samples + round(RATE * late_s)
                container.mux(sound.encode(_as(block, sound)))
                samples += 1024
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    return path


def _as(block: av.AudioFrame, sound: av.audio.AudioStream) -> av.AudioFrame:
    if sound.format.name == "fltp":
        return block
    (converted,) = av.AudioResampler(format=sound.format.name, layout="mono", rate=RATE).resample(block)
    return converted


def copied(source: Path, target: Path, span: Span | None, *, every: int = 1) -> list[float]:
    """Run a part through the video sink as ``classify`` does; the frames' own times."""
    times = []
    with VideoFile(source, span=span, every=every) as frames:
        sink = AnnotatedVideoSink(target, source, frames.size, frames.fps, part=frames.part)
        if every > 1:
            sink = EveryFrame(sink, lambda: VideoFile(source, span=span), lambda pixels, _: pixels)
        with sink:
            for frame in frames:
                times.append(frame.time_s)
                sink.write(FrameResult(frame=frame, readings=(), drawn=frame.pixels))
    assert not list(target.parent.glob(".*.part"))
    return times


def levels(path: Path) -> list[int]:
    return [int(np.median(pixels)) for pixels, _ in decode(path)]


def flash_s(path: Path) -> float:
    return next(time_s for pixels, time_s in decode(path) if np.median(pixels) > 120)


def tone_s(path: Path) -> float:
    """When the sound begins, to about ten milliseconds."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
        for frame in container.decode(audio=0):
            begin_s = float(frame.pts * frame.time_base)
            for part in resampler.resample(frame):
                loud = np.flatnonzero(np.abs(part.to_ndarray()[0]) > 0.1)
                if len(loud):
                    return begin_s + loud[0] / RATE
    raise AssertionError("no tone")


CLAPPERS = {
    "mp4": ("talk.mp4", "aac", 0),
    "opus": ("talk.mkv", "libopus", 0),
    "pcm": ("pcm.mkv", "pcm_s16le", 0),
    "ts": ("talk.ts", "aac", 0),
    "late": ("late.mkv", "aac", 5),
}


@pytest.fixture(scope="module")
def clappers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clappers")
    return {
        kind: write_clapper(folder / name, at_s=4.0, codec=codec, late_s=late_s)
        for kind, (name, codec, late_s) in CLAPPERS.items()
    }


@pytest.mark.parametrize("kind", CLAPPERS)
@pytest.mark.parametrize(("start_s", "end_s"), [(2.0, 5.0), (3.35, 5.0), (3.71, None)])
def test_the_sound_of_a_part_is_in_step_with_its_pictures(
    clappers: dict[str, Path], tmp_path: Path, kind: str, start_s: float, end_s: float | None
) -> None:
    source = clappers[kind]
    target = tmp_path / "out" / "talk.mp4"
    target.parent.mkdir()
    times = copied(source, target, Span(start_s=start_s, end_s=end_s))
    with av.open(str(source)) as container:
        assert times[0] - container.start_time / av.time_base == pytest.approx(start_s, abs=0.035)
    written = presentation_times(target)
    assert written[0] == 0
    assert written == pytest.approx([time_s - times[0] for time_s in times], abs=1e-3)
    assert flash_s(target) == pytest.approx(flash_s(source) - times[0], abs=1e-3)
    assert tone_s(target) - flash_s(target) == pytest.approx(tone_s(source) - flash_s(source), abs=0.015)
    length_s = (6.0 if end_s is None else end_s) - start_s
    assert duration_s(target) == pytest.approx(length_s, abs=0.08)


def test_sound_that_is_not_of_the_part_is_left_out(tmp_path: Path) -> None:
    source = write_video(tmp_path / "talk.mp4", counting_frames(300), audio=True)
    copied(source, tmp_path / "out.mp4", Span(start_s=4.0, end_s=5.0))
    ours, whole = sound_packets(tmp_path / "out.mp4"), sound_packets(source)
    assert 46 <= len(ours) <= 50  # of 1024 samples
    first = whole.index(ours[0])
    assert ours == whole[first : first + len(ours)]
    assert first / len(whole) == pytest.approx(0.4, abs=0.01)


def test_a_part_from_the_beginning_keeps_the_sound_before_the_first_picture(tmp_path: Path) -> None:
    times_s = [0.35 + i / 30 for i in range(60)]
    source = write_video(tmp_path / "talk.mp4", counting_frames(60), times_s=times_s, audio=True)
    copied(source, tmp_path / "out.mp4", Span(end_s=1.0))
    assert presentation_times(tmp_path / "out.mp4")[0] == pytest.approx(0.35, abs=1e-3)
    assert sound_packets(tmp_path / "out.mp4")[0] == sound_packets(source)[0]


@pytest.mark.parametrize("every", [2, 7, 100])
def test_a_video_of_each_nth_reading_has_every_frame(tmp_path: Path, every: int) -> None:
    source = write_video(
        tmp_path / "talk.mp4", counting_frames(50), times_s=np.cumsum([0.03] * 50).tolist(), audio=True
    )
    assert len(copied(source, tmp_path / "out.mp4", None, every=every)) == -(-50 // every)
    assert presentation_times(tmp_path / "out.mp4") == pytest.approx(presentation_times(source), abs=1e-3)
    assert levels(tmp_path / "out.mp4") == pytest.approx(levels(source), abs=4)
    assert sound_packets(tmp_path / "out.mp4") == sound_packets(source)


def test_a_video_of_a_part_has_the_frames_before_its_first_reading(tmp_path: Path) -> None:
    source = write_video(tmp_path / "talk.mp4", counting_frames(60))
    copied(source, tmp_path / "out.mp4", Span(start_s=0.5, end_s=1.0), every=10)
    assert levels(tmp_path / "out.mp4") == pytest.approx(levels(source)[15:30], abs=4)
    assert presentation_times(tmp_path / "out.mp4")[0] == 0


# --- what is drawn between two readings ---------------------------------------------------------------------------


def results(source: Path, every: int, boxes, emotions) -> list[FrameResult]:
    with VideoFile(source, every=every) as frames:
        return [
            FrameResult(frame=frame, readings=(reading(box=box, emotion=emotion),), drawn=frame.pixels)
            for frame, box, emotion in zip(frames, boxes, emotions, strict=True)
        ]


def test_between_two_readings_the_label_stays_and_the_box_glides(tmp_path: Path) -> None:
    source = write_video(tmp_path / "talk.mkv", counting_frames(10))
    boxes = [(0.0, 0, 10, 10), (20.0, 0, 30, 10), (20.0, 20, 30, 30)]
    read = results(source, 4, boxes, [Emotion.ANGER, Emotion.FEAR, Emotion.FEAR])
    kept = ListSink()
    with EveryFrame(kept, lambda: VideoFile(source), lambda pixels, _: pixels) as sink:
        for each in read:
            sink.write(each)
    assert [each.frame.index for each in kept.results] == list(range(10))
    assert [each.readings[0].emotion for each in kept.results] == [Emotion.ANGER] * 4 + [Emotion.FEAR] * 6
    corners = np.array([each.readings[0].face.box[:2] for each in kept.results])
    assert corners[:, 0] == pytest.approx([0, 5, 10, 15, 20, 20, 20, 20, 20, 20], abs=0.3)  # times to a millisecond
    assert corners[:, 1] == pytest.approx([0, 0, 0, 0, 0, 5, 10, 15, 20, 20], abs=0.3)
    assert all(each.drawn is not None for each in kept.results)
    assert kept.left == [None]


def test_a_face_that_is_gone_at_the_next_reading_stays_until_then(tmp_path: Path) -> None:
    source = write_video(tmp_path / "talk.mkv", counting_frames(7))
    (first, second) = results(source, 4, [(1.0, 1, 9, 9)] * 2, [Emotion.ANGER] * 2)
    kept = ListSink()
    with EveryFrame(kept, lambda: VideoFile(source), lambda pixels, _: pixels) as sink:
        sink.write(first)
        sink.write(FrameResult(frame=second.frame, readings=(), drawn=second.drawn))
    assert [len(each.readings) for each in kept.results] == [1, 1, 1, 1, 0, 0, 0]
    assert kept.results[3].readings[0].face.box == (1, 1, 9, 9)


def test_a_failure_leaves_no_video_and_no_open_file(tmp_path: Path) -> None:
    source = write_video(tmp_path / "talk.mkv", counting_frames(30))
    opened: list[VideoFile] = []

    def again() -> VideoFile:
        opened.append(VideoFile(source))
        return opened[-1]

    def fail(kind: str) -> None:
        read = results(source, 10, [(0.0, 0, 9, 9)] * 3, [Emotion.ANGER] * 3)
        broken = kind == "at the end"

        def draw(pixels, readings):
            if broken and len(opened) and draw.calls >= 20:
                raise KeyboardInterrupt
            draw.calls += 1
            return pixels

        draw.calls = 0
        video = AnnotatedVideoSink(tmp_path / "out.mp4", source, (64, 48), 30)
        with EveryFrame(video, again, draw) as sink:
            for each in read:
                sink.write(each)
            if not broken:
                raise KeyboardInterrupt

    for kind in ("in the middle", "at the end"):
        with pytest.raises(KeyboardInterrupt):
            fail(kind)
        assert list(tmp_path.iterdir()) == [source]
        with pytest.raises(SourceError, match="has been closed"):
            next(iter(opened[-1]))


# --- subtitles and the timeline -----------------------------------------------------------------------------------


def shown(times_s, emotions) -> list[FrameResult]:
    pixels = np.zeros((4, 4, 3), np.uint8)
    return [
        FrameResult(frame=Frame(pixels=pixels, time_s=time_s, index=index), readings=(reading(emotion=emotion),))
        for index, (time_s, emotion) in enumerate(zip(times_s, emotions, strict=True))
    ]


def cues(path: Path) -> list[tuple[int, int, str]]:
    return [(cue.start, cue.end, cue.text) for cue in pysubs2.load(str(path), format_="srt")]


def test_the_last_cue_stands_for_n_frames_but_ends_with_the_video(tmp_path: Path) -> None:
    for end_s, expected in ((None, 3000), (9.0, 3000), (2.4, 2400), (1.0, 3000)):
        with SubtitleSink(tmp_path / "x.srt", 1.0, end_s=end_s, overwrite=True) as sink:
            for each in shown([0, 1, 2], [Emotion.FEAR] * 3):
                sink.write(each)
        assert cues(tmp_path / "x.srt") == [(0, expected, "fear")]


@pytest.mark.parametrize(("formats", "zero_s"), [(["srt"], 0.0), (["srt", "mp4"], 10.0), (["mp4", "csv", "srt"], 10.0)])
def test_subtitles_of_a_part_fit_the_video_that_they_lie_beside(
    tmp_path: Path, formats: list[str], zero_s: float
) -> None:
    source = tmp_path / "talk.mkv"
    part = Span(start_s=10.0, end_s=13.0)
    sinks = open_file_sinks(tmp_path / "out", source, formats, size=(4, 4), fps=10, every=10, part=part, end_s=13.0)
    (sink,) = [each for each in sinks if isinstance(each, SubtitleSink)]
    with sink:
        for each in shown([10, 11, 12], [Emotion.FEAR, Emotion.ANGER, Emotion.ANGER]):
            sink.write(each)
    begin = round(1000 * (10 - zero_s))
    assert cues(tmp_path / "out" / "talk.srt") == [
        (begin, begin + 1000, "fear"),
        (begin + 1000, begin + 3000, "anger"),
    ]


def share_of(picture, emotion: Emotion) -> float:
    """The share of the band's width that has the emotion's colour."""
    middle = picture[60 : picture.shape[0] - 90].astype(int)
    columns = (np.abs(middle - emotion.colour).max(axis=2) <= 4).mean(axis=0) > 0.5
    return columns.mean()


def test_the_timeline_of_sparse_readings_has_no_gaps_and_shows_the_part_alone(tmp_path: Path) -> None:
    dense = shown([100 + i / 10 for i in range(100)], [Emotion.ANGER] * 100)
    sparse = shown([100 + 2 * i for i in range(5)], [Emotion.ANGER] * 5)
    for name, rows, words in (
        ("dense", dense, {"begin_s": 100.0}),
        ("sparse", sparse, {"begin_s": 100.0, "period_s": 2.0}),
    ):
        with TimelineSink(tmp_path / f"{name}.png", "talk", **words) as sink:
            for each in rows:
                sink.write(each)
        assert share_of(cv2.imread(str(tmp_path / f"{name}.png")), Emotion.ANGER) > 0.9, name
    with TimelineSink(tmp_path / "gap.png", "talk", begin_s=100, period_s=2.0) as sink:
        for each in (*sparse[:2], *sparse[4:]):
            sink.write(each)
    assert 0.4 < share_of(cv2.imread(str(tmp_path / "gap.png")), Emotion.ANGER) < 0.75
