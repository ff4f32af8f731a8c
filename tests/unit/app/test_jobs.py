"""How many files are read at once, when nobody says."""

from __future__ import annotations

from pathlib import Path

import pytest
from video_makers import plain, write_video

from app.commands import jobs
from app.commands.jobs import default_jobs


@pytest.fixture(autouse=True)
def large_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "cores", lambda: 8)
    monkeypatch.setattr(jobs, "free_memory", lambda: 64 << 30)


PATHS = [Path(f"talk{number}.mp4") for number in range(20)]


@pytest.mark.parametrize(("files", "expected"), [(1, 1), (2, 2), (8, 8), (20, 8)])
def test_as_many_as_files_and_cores(files: int, expected: int) -> None:
    assert default_jobs(PATHS[:files], backend="auto") == expected


def test_a_gpu_is_shared_by_few() -> None:
    assert default_jobs(PATHS, backend="cuda") == 2


def test_memory_is_considered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = write_video(tmp_path / "small.mkv", [plain((0, 0, 0))])
    large = write_video(tmp_path / "large.mkv", [plain((0, 0, 0), width=3840, height=2160)])
    monkeypatch.setattr(jobs, "free_memory", lambda: 4 << 30)
    assert default_jobs([small, *PATHS], backend="auto") == 8
    assert default_jobs([small, large, *PATHS], backend="auto") == 2  # 1.7 GB each
    monkeypatch.setattr(jobs, "free_memory", lambda: 100 << 20)
    assert default_jobs(PATHS, backend="auto") == 1
    monkeypatch.setattr(jobs, "free_memory", lambda: None)
    assert default_jobs(PATHS, backend="auto") == 8


def test_a_container_s_limit_counts(tmp_path: Path) -> None:
    assert jobs._group_rooms(tmp_path) == []
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("3000\n")
    (tmp_path / "memory.stat").write_text("anon 2000\ninactive_file 700\nactive_file 300\n")
    assert jobs._group_rooms(tmp_path) == []
    (tmp_path / "memory.max").write_text("5000\n")
    assert jobs._group_rooms(tmp_path) == [2700]
