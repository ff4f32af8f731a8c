"""A full disk at any byte, a kill at any moment, a decoder that throws at any frame: whole outputs, or none."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time

import av.error
import cv2
import numpy as np
import pytest
from skimage.data import astronaut
from video_makers import counting_frames, write_video

from app.capture.decode import Decoder
from app.cli import main

FACE = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)[0:240, 100:420]
FORMATS = "csv,jsonl,parquet,srt,png,mp4"
#: One process tries many limits, since starting it is what takes long.
WITH_LIMITS = """
import contextlib, io, json, resource, shutil, signal, sys
from pathlib import Path
from app.cli import main
clip, out, limits = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
told = []
for limit in [None, *limits]:
    said = io.StringIO()
    resource.setrlimit(resource.RLIMIT_FSIZE, (most if limit is None else limit, most))
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        code = main(["classify", clip, "--out", str(out), "--formats", "FORMATS"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    files = {file.name: file.stat().st_size for file in out.iterdir()} if out.exists() else {}
    told.append({"limit": limit, "code": code, "files": files, "said": said.getvalue()})
    shutil.rmtree(out, ignore_errors=True)
json.dump(told, sys.__stdout__)
""".replace("FORMATS", FORMATS)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    frames = [np.roll(FACE, step, axis=1) for step in range(30)]
    return write_video(tmp_path_factory.mktemp("clips") / "talk.mp4", frames, audio=True)


def with_limits(clip, out, root, limits):
    words = [sys.executable, "-c", WITH_LIMITS, str(clip), str(out), json.dumps(limits)]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, timeout=600, check=True)
    return json.loads(done.stdout)


def check_limited(told):
    """Whole, or nothing and one line."""
    whole, *limited = told
    assert whole["code"] == 0
    assert len(whole["files"]) == len(FORMATS.split(","))
    for each in limited:
        if each["limit"] >= max(whole["files"].values()):
            assert each["files"] == whole["files"], each
            continue
        assert each["code"] == 1, each
        assert not each["files"], each
        errors = [line for line in each["said"].splitlines() if line.startswith("error:")]
        assert len(errors) == 1, each
        assert "larger than this system allows" in errors[0], each


needs_limits = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")


@needs_limits
def test_an_output_that_cannot_grow_leaves_none_of_them(clip, tmp_path, project_root):
    check_limited(with_limits(clip, tmp_path / "out", project_root, [0, 1, 700, 20_000, 10_000_000]))


@needs_limits
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_disk_that_is_full_at_any_byte_leaves_none_of_them(clip, tmp_path, project_root):
    whole = with_limits(clip, tmp_path / "out", project_root, [])[0]["files"]
    rng = random.Random(7)
    edges = [size + step for size in whole.values() for step in (-1, 0)]
    limits = [*edges, *(rng.randrange(max(whole.values())) for _ in range(60))]
    check_limited(with_limits(clip, tmp_path / "out", project_root, limits))


def killed_after(seconds, clip, out, root):
    """A run that is killed; its exit code."""
    words = [sys.executable, "-m", "app", "classify", str(clip), "--out", str(out), "--formats", FORMATS, "--overwrite"]
    run = subprocess.Popen(words, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return run.wait(seconds)
    except subprocess.TimeoutExpired:
        run.kill()
        return run.wait(20)


def seen(out):
    return {file.name: file.read_bytes() for file in out.iterdir() if not file.name.startswith(".")}


def check_killed(clip, folder, root, share, *, times):
    """After each kill what is there is whole; and the next run is not hindered by what is left."""
    began_s = time.monotonic()
    assert killed_after(120, clip, folder / "whole", root) == 0
    usual_s, whole = time.monotonic() - began_s, seen(folder / "whole")
    killed = 0
    for number in range(times):
        out = folder / f"out{number}"
        killed += killed_after(usual_s * share(number), clip, out, root) == -signal.SIGKILL
        there = seen(out) if out.exists() else {}
        assert all(whole[name] == content for name, content in there.items()), sorted(there)
    assert killed
    assert killed_after(120, clip, folder / "out0", root) == 0
    assert seen(folder / "out0") == whole
    assert len(list((folder / "out0").iterdir())) == len(whole)  # no part of an earlier run either


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_at_any_moment_it_leaves_whole_outputs_or_none(clip, tmp_path, project_root):
    rng = random.Random(11)
    check_killed(clip, tmp_path, project_root, lambda _: rng.uniform(0.3, 1.05), times=60)


@pytest.mark.parametrize("error", [av.error.InvalidDataError(1094995529, "damaged"), OSError(5, "Input/output error")])
@pytest.mark.parametrize("throws_at", [0, 1, 13, 24])
def test_a_decoder_that_throws_costs_what_comes_after(tmp_path, monkeypatch, capsys, throws_at, error):
    path = write_video(tmp_path / "count.mp4", counting_frames(25))
    decoded = Decoder._pass

    def throws(self, entry):
        for number, each in enumerate(decoded(self, entry)):
            if number == throws_at:
                raise error
            yield each

    monkeypatch.setattr(Decoder, "_pass", throws)
    out = tmp_path / "out"
    assert main(["classify", str(path), "--out", str(out), "--formats", "mp4"]) == 1
    said = capsys.readouterr().err
    assert str(path) in said
    assert said.count("\n") <= 2
    if throws_at == 0:
        assert not out.exists() or not list(out.iterdir())
        return
    monkeypatch.undo()
    read = Decoder(out / "count.mp4")
    assert [number for number, *_ in read.frames()] == list(range(throws_at))
    read.close()
