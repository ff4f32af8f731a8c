"""Speeds as ratios within one run: the pipeline against its parts, the network against New-Base."""

from __future__ import annotations

import statistics
import time
from itertools import islice

import pytest

from app.capture.video_file import VideoFile
from app.config import ReadingConfig
from app.pipeline.pipeline import Pipeline
from app.pipeline.runner import run_file
from app.sinks.table import CsvSink
from app.types import Frame
from model.classifier import Classifier
from model.detector import FaceDetector
from model.paths import models_folder
from model.preprocess import crop

pytestmark = pytest.mark.alone

FRAMES = 60


class Beginning(VideoFile):
    """The first frames of a video."""

    def __iter__(self):
        return islice(super().__iter__(), FRAMES)


def seconds(work):
    started = time.perf_counter()
    value = work()
    return time.perf_counter() - started, value


@pytest.fixture(scope="module")
def clip(project_root):
    path = project_root / "assets" / "demo.mp4"
    with VideoFile(path) as video:
        assert video.size == (640, 480)
    return path


def ratio_to_parts(clip, table):
    """Time of the whole pipeline over the sum of decode, detect and classify, each measured alone."""
    classifier = Classifier.load("compact", backend="onnx", threads=1)
    decode_s, frames = seconds(lambda: list(Beginning(clip)))
    with FaceDetector() as detector:
        detector.detect(frames[0].pixels, -1.0)  # loads
        detect_s, found = seconds(lambda: [detector.detect(frame.pixels, frame.time_s) for frame in frames])
    crops = [crop(frame.pixels, face.box) for frame, faces in zip(frames, found, strict=True) for face in faces]
    classify_s, _ = seconds(lambda: [classifier.predict([each]) for each in crops])
    with Pipeline(classifier, ReadingConfig()) as pipeline, Beginning(clip) as source:
        pipeline.find(Frame(pixels=frames[0].pixels, time_s=-1.0, index=0))  # loads
        whole_s, summary = seconds(lambda: run_file(source, pipeline, [CsvSink(table, overwrite=False)]))
    assert summary.frames == FRAMES
    return whole_s / (decode_s + detect_s + classify_s)


def test_classify_costs_at_most_1_6_times_its_parts(clip, tmp_path):
    ratios = [
        ratio_to_parts(clip, tmp_path / f"{place}.csv") for place in range(3)
    ]  # a shared machine may stumble once
    assert statistics.median(ratios) <= 1.6, ratios


@pytest.mark.parametrize("threads", [0, 1], ids=["all cores", "one thread"])
def test_compact_costs_at_most_a_twentieth_of_new_base_at_224(new_base_224, threads):
    from scripts.measure_speed import seconds_per_face

    yardstick = seconds_per_face(new_base_224, threads=threads, runs=5)
    compact = seconds_per_face("compact", threads=threads, runs=40)
    assert compact <= yardstick / 20, f"{compact * 1000:.2f} ms against {yardstick * 1000:.1f} ms"


def test_the_file_is_small():
    assert (models_folder() / "compact.onnx").stat().st_size <= 6_000_000
