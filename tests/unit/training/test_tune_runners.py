"""Trials in several processes: the same results, a clean stop, and no process that outlives the search."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock
from tune_fakes import (
    ListSearch,
    broken_trial,
    calls_of,
    dying_trial,
    failing_trial,
    run,
    slow_trial,
    telling_trial,
    toy_accuracy,
    toy_config,
)

from training.interrupted import Interrupted
from training.tuning.job import State
from training.tuning.runners import _visible_devices, cores

ROOT = Path(__file__).resolve().parents[3]


def gone(pid):
    """Whether a process has ended; one that nobody has collected yet counts."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_for(condition, seconds=20.0):
    latest = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < latest, "waited in vain"
        time.sleep(0.02)


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_trial_is_carried_out_once_and_its_scores_arrive(tmp_path, jobs):
    search = ListSearch([0.1, 0.01, 0.001], prune={"job-1"})
    run(search, tmp_path, jobs)
    assert {name: outcome.state for name, outcome in search.outcomes.items()} == {
        "job-0": State.COMPLETE,
        "job-1": State.PRUNED,
        "job-2": State.COMPLETE,
    }
    assert search.outcomes["job-2"].accuracy == toy_accuracy({"train.learning_rate": 0.001})
    assert [epoch for epoch, _ in search.scores["job-0"]] == [1, 2, 3, 4]
    assert [epoch for epoch, _ in search.scores["job-1"]] == [1]
    assert sorted(calls_of(tmp_path)) == ["job-0 from 0", "job-1 from 0", "job-2 from 0"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_failed_trial_is_noted_and_the_others_go_on(tmp_path, jobs):
    search = ListSearch([0.1, 1.0, 0.01])
    run(search, tmp_path, jobs, trial=failing_trial)
    assert [search.outcomes[f"job-{place}"].state for place in range(3)] == ["complete", "failed", "complete"]
    assert search.outcomes["job-1"].reason == "the loss is nan at epoch 1, step 3"


@pytest.mark.parametrize(("jobs", "kind"), [(1, ZeroDivisionError), (2, RuntimeError)])
def test_a_defect_stops_the_search_and_reaches_the_caller(tmp_path, jobs, kind):
    search = ListSearch([0.1, 0.1, 0.1])
    with pytest.raises(kind, match="division by zero"):
        run(search, tmp_path, jobs, trial=broken_trial)
    assert search.outcomes == {}
    assert "job-0" in search.left or "job-1" in search.left


def test_a_stop_reaches_every_process_and_waits_until_each_has_saved(tmp_path):
    search = ListSearch([0.1, 0.1, 0.1])
    trials = tmp_path / "trials"
    with pytest.raises(Interrupted):
        run(search, tmp_path, 2, trial=slow_trial, stop=lambda: len(list(trials.glob("*/pid"))) == 2)
    assert sorted(search.left) == ["job-0", "job-1"]
    assert len(list(trials.glob("*/saved"))) == 2
    assert all(gone(path.read_text()) for path in trials.glob("*/pid"))


def test_a_killed_process_is_replaced_and_its_trial_fails_only_when_it_dies_again(tmp_path):
    search = ListSearch([0.5, 1.0, 0.1])
    run(search, tmp_path, 2, trial=dying_trial)
    assert [search.outcomes[f"job-{place}"].state for place in range(3)] == ["complete", "failed", "complete"]
    assert search.outcomes["job-1"].reason == "its process ended with code -9, 2 times; too little memory?"


def test_a_trial_waits_until_the_process_of_an_earlier_start_has_left_it(tmp_path):
    (tmp_path / "trials").mkdir()
    held = FileLock(tmp_path / "trials" / ".job-0.lock")
    held.acquire()
    asked = []

    def stop():
        asked.append(calls_of(tmp_path))
        if len(asked) == 3:
            held.release()
        return False

    search = ListSearch([0.1])
    run(search, tmp_path, 1, stop=stop)
    assert asked[:3] == [[], [], []]
    assert search.outcomes["job-0"].state == "complete"
    assert len(calls_of(tmp_path)) == 1


def test_each_process_gets_its_share_of_the_cores(tmp_path):
    search = ListSearch([0.1])
    run(search, tmp_path, 2, trial=telling_trial)
    assert search.outcomes["job-0"].loss == max(1, cores() // 2)


@pytest.mark.parametrize(
    ("visible", "count", "names"),
    [("", 3, ["0", "1", "2"]), ("4, 6", 2, ["4", "6"]), ("GPU-ab", 1, ["GPU-ab"]), ("", 0, [])],
)
def test_trials_take_turns_on_the_gpus_that_this_process_may_use(monkeypatch, visible, count, names):
    pytest.importorskip("torch", reason="training needs its extra")
    config = toy_config()
    config.train.accelerator = "auto"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    monkeypatch.setattr("torch.cuda.device_count", lambda: count)
    assert _visible_devices(config) == names
    config.train.accelerator = "cpu"
    assert _visible_devices(config) == []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes by /proc")
def test_when_the_search_is_killed_its_processes_save_and_leave(tmp_path):
    script = (
        "import sys; from pathlib import Path\n"
        "from tune_fakes import ListSearch, run, slow_trial\n"
        "if __name__ == '__main__':\n"
        "    run(ListSearch([0.1, 0.1]), Path(sys.argv[1]), 2, trial=slow_trial)\n"
    )
    (tmp_path / "search.py").write_text(script)
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    search = subprocess.Popen(
        [sys.executable, str(tmp_path / "search.py"), str(tmp_path)], env={**os.environ, "PYTHONPATH": paths}
    )
    try:
        wait_for(lambda: len(list(tmp_path.glob("trials/*/pid"))) == 2)
        pids = [path.read_text() for path in tmp_path.glob("trials/*/pid")]
        search.send_signal(signal.SIGKILL)
        search.wait()
        wait_for(lambda: all(gone(pid) for pid in pids))
        assert len(list(tmp_path.glob("trials/*/saved"))) == 2
    finally:
        search.kill()
        search.wait()
