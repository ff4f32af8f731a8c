"""Trials on a Ray cluster of two nodes, processes of this machine: the same search, whatever becomes of the nodes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time

import pytest
from process_family import below

pytest.importorskip("torch", reason="training needs its extra")
pytest.importorskip("ray", reason="needs the extra cluster")

from tune_fakes import (
    ListSearch,
    broken_trial,
    calls_of,
    dying_trial,
    failing_trial,
    sharing_trial,
    slow_trial,
    telling_trial,
    tiny_config,
    tiny_sets,
    toy_accuracy,
    toy_config,
    toy_trial,
    waiting_trial,
)

from model.cluster import require_ray
from model.errors import ConfigError
from training.interrupted import Interrupted
from training.tune import tune
from training.tuning.job import Job, State
from training.tuning.runners import Task
from training.tuning.search import STORE, open_store

require_ray()

from ray.cluster_utils import Cluster  # noqa: E402

from training.tuning.ray_engine import run_on_ray  # noqa: E402
from training.tuning.ray_tune import DeskScheduler  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own, of this Python

SPACE = {"train.learning_rate": {"low": 1e-4, "high": 1.0, "log": True}, "augment.flip": [0.0, 0.3, 1.0]}


@pytest.fixture(scope="module")
def cluster():
    """Two nodes with a CPU each."""
    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    found.add_node(num_cpus=1)
    yield found
    found.shutdown()


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("condensed")
    tiny_sets(root)
    return root


@pytest.fixture
def folders(tmp_path):
    """Three folders with an empty store, which takes a second to make."""
    with open_store(tmp_path / STORE):
        pass
    for name in ("embedded", "ray", "asha"):
        (tmp_path / name).mkdir()
        shutil.copy(tmp_path / STORE, tmp_path / name / STORE)
    return tmp_path


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch):
    """They take half a second each."""
    monkeypatch.setattr("training.tune.draw", lambda *_: [])


def without_times(folder):
    content = json.loads((folder / "results.json").read_text())
    del content["seconds"]
    return content


def carry_out(cluster, search, folder, *, trial=toy_trial, stop=lambda: False, jobs=2, **more):
    folder.mkdir(exist_ok=True)
    (folder / STORE).touch()  # by which a trial tells that it sees the search's folder
    config = toy_config(engine="ray", address=cluster.address, jobs=jobs)
    for key, value in more.items():
        setattr(config.train, key, value)
    run_on_ray(Task(config=config, folder=folder / "trials", trial=trial), search, halving=False, stop=stop)


def wait_for(condition, seconds=60.0):
    latest = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < latest, "waited in vain"
        time.sleep(0.02)


def tune_as(root, folder, *, trials=10, **how):
    config = tiny_config(root, factors={"augment.flip": [0.1, 0.5]}, space=SPACE, trials=trials, **how)
    return tune(config, folder, trial=toy_trial)


def test_both_engines_find_the_same_best_trial(root, folders):
    embedded = tune_as(root, folders / "embedded")
    halved = tune_as(root, folders / "asha", engine="ray")  # on a Ray of this machine alone
    assert halved.joint.best.settings == embedded.joint.best.settings
    assert halved.factors == embedded.factors
    # Ray's own rule may leave other trials off than the median of the embedded engine.
    left_off = [len(row.epochs) for row in halved.joint.rows if row.state == "pruned"]
    assert left_off
    assert max(left_off) < 4
    assert sorted(path.name for path in (folders / "asha").iterdir()) == [".lock", "results.json", "study.db", "trials"]


@pytest.mark.slow
def test_by_the_same_rule_both_engines_write_the_same_results(cluster, root, folders):
    tune_as(root, folders / "embedded")
    tune_as(root, folders / "ray", engine="ray", address=cluster.address, pruner="median")
    assert without_times(folders / "ray") == without_times(folders / "embedded")
    assert {row["state"] for row in without_times(folders / "ray")["joint"]["rows"]} == {"complete", "pruned"}


@pytest.mark.slow
def test_a_search_that_was_stopped_ends_as_a_whole_one(cluster, root, folders):
    left = iter([False] * 40)
    config = tiny_config(root, space=SPACE, trials=8, engine="ray", address=cluster.address)
    with pytest.raises(Interrupted):
        tune(config, folders / "ray", trial=toy_trial, stop=lambda: next(left, True))
    begun = len(calls_of(folders / "ray"))
    assert begun < 8
    tune(config, folders / "ray", trial=toy_trial)
    tune(config, folders / "asha", trial=toy_trial)
    assert without_times(folders / "ray") == without_times(folders / "asha")
    assert len(calls_of(folders / "ray")) <= 9  # one of them twice, if it was under way


@pytest.mark.slow
def test_trials_are_carried_out_once_on_both_nodes_and_a_failed_one_is_noted(cluster, tmp_path):
    search = ListSearch([0.1, 1.0, 0.01, 0.001], prune={"job-2"})
    carry_out(cluster, search, tmp_path, trial=failing_trial)
    states = [search.outcomes[f"job-{place}"].state for place in range(4)]
    assert states == [State.COMPLETE, State.FAILED, State.PRUNED, State.COMPLETE]
    assert search.outcomes["job-1"].reason == "the loss is nan at epoch 1, step 3"
    assert search.outcomes["job-3"].accuracy == toy_accuracy({"train.learning_rate": 0.001})
    assert [epoch for epoch, _ in search.scores["job-2"]] == [1]
    assert sorted(calls_of(tmp_path)) == ["job-0 from 0", "job-2 from 0", "job-3 from 0"]


@pytest.mark.slow
def test_a_trial_whose_worker_dies_goes_on_in_another_and_fails_at_the_second_time(cluster, tmp_path):
    search = ListSearch([1.0, 0.5])
    carry_out(cluster, search, tmp_path, trial=dying_trial)
    assert search.outcomes["job-1"].state is State.COMPLETE
    assert search.outcomes["job-0"].state is State.FAILED
    assert search.outcomes["job-0"].reason.startswith("its process, or its node, ended 2 times")


@pytest.mark.slow
def test_asked_to_stop_every_trial_saves_and_the_next_start_takes_it_up(cluster, tmp_path):
    search = ListSearch([0.1, 0.2])
    pids = [tmp_path / "trials" / f"job-{place}" / "pid" for place in range(2)]
    with pytest.raises(Interrupted):
        carry_out(cluster, search, tmp_path, trial=slow_trial, stop=lambda: all(path.exists() for path in pids))
    assert all((path.parent / "saved").exists() for path in pids)
    assert sorted(search.left) == ["job-0", "job-1"]
    (tmp_path / "trials" / "job-0" / "last.pt").write_text("3")
    again = ListSearch([0.1])
    carry_out(cluster, again, tmp_path)
    assert calls_of(tmp_path) == ["job-0 from 3"]
    assert again.outcomes["job-0"].state is State.COMPLETE


@pytest.mark.slow
def test_a_defect_ends_the_search_and_the_others_save(cluster, tmp_path):
    search = ListSearch([0.1])
    with pytest.raises(RuntimeError, match="ZeroDivisionError: division by zero"):
        carry_out(cluster, search, tmp_path, trial=broken_trial)
    assert search.left == ["job-0"]


@pytest.mark.slow
def test_a_search_that_fails_ends_in_its_own_error(cluster, tmp_path):
    class Full(ListSearch):
        def validated(self, job, epoch, score):
            raise ConfigError("the disk is full")

    search = Full([0.1])
    with pytest.raises(ConfigError, match="the disk is full"):
        carry_out(cluster, search, tmp_path)
    assert search.left == ["job-0"]


@pytest.mark.slow
def test_a_trial_may_use_its_share_of_the_cluster(cluster, tmp_path):
    search = ListSearch([0.1])
    carry_out(cluster, search, tmp_path, trial=telling_trial, jobs=1)
    assert search.outcomes["job-0"].loss == 1.0  # thread: of two CPUs no node has more than one


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "need"), [({"threads": 64}, "64 CPU"), ({"accelerator": "cuda", "threads": 1}, r"1 CPU and 1 GPU")]
)
def test_what_no_node_has_is_said_before_anything_runs(cluster, tmp_path, more, need):
    search = ListSearch([0.1])
    with pytest.raises(ConfigError, match=rf"no node of the cluster has {need} for a trial; see train\.threads and"):
        carry_out(cluster, search, tmp_path, **more)
    assert (search.outcomes, search.left) == ({}, [])


@pytest.mark.slow
def test_a_node_that_does_not_see_the_folder_is_named(cluster, tmp_path):
    config = toy_config(engine="ray", address=cluster.address)
    task = Task(config=config, folder=tmp_path / "trials", trial=toy_trial)
    with pytest.raises(
        ConfigError, match=rf"node .*: does not see {tmp_path}; give --runs a folder on a disk that all"
    ):
        run_on_ray(task, ListSearch([0.1]), stop=lambda: False)


def test_asha_compares_with_the_trials_of_an_earlier_start():
    class Deaf:
        def heard(self, trial_id, report, also):
            verdicts.append(also(Job(name="now", settings={}, title="", prunable=True)))

    verdicts = []
    for earlier in ([], [{1: 0.9, 2: 0.9}, {1: 0.8}]):
        scheduler = DeskScheduler(Deaf(), epochs=3, halving=True, earlier=earlier)
        trial = type("Trial", (), {"trial_id": "now"})()
        scheduler.on_trial_add(None, trial)
        scheduler.on_trial_result(None, trial, {"epoch": 1, "score": 0.5})
    assert verdicts == [False, True]


@pytest.mark.slow
def test_a_node_that_leaves_costs_no_trial(cluster, tmp_path, capfd):
    cluster.add_node(num_cpus=1)
    search = ListSearch([0.1, 0.2, 0.3])
    folders = [tmp_path / "trials" / f"job-{place}" for place in range(3)]
    left: list[str] = []

    def leave() -> None:
        import ray

        wait_for(lambda: all((folder / "pids").exists() for folder in folders))
        kept = {cluster.head_node.node_id, ray.get_runtime_context().get_node_id()}
        victim = next(node for node in cluster.worker_nodes if node.node_id not in kept)
        raylet = victim.all_processes["raylet"][0].process.pid
        for pid in [*below(raylet), raylet]:
            os.kill(pid, signal.SIGKILL)
        left.append(victim.node_id)
        for folder in folders:
            (folder / "go").touch()

    thread = threading.Thread(target=leave)
    thread.start()
    carry_out(cluster, search, tmp_path, trial=waiting_trial, jobs=3)
    thread.join()
    assert len(left) == 1
    assert [search.outcomes[f"job-{place}"].state for place in range(3)] == [State.COMPLETE] * 3
    assert capfd.readouterr().out == ""
    assert sorted(len((folder / "pids").read_text().split()) for folder in folders) == [1, 1, 2]


@pytest.mark.slow
def test_two_trials_share_a_gpu(cluster, tmp_path):
    """As far as Ray counts GPUs: this node only says that it has one."""
    cluster.add_node(num_cpus=2, num_gpus=1)
    search = ListSearch([0.1, 0.2])
    config = toy_config(engine="ray", address=cluster.address, jobs=2, gpus_per_trial=0.5)
    config.train.accelerator = "auto"
    (tmp_path / STORE).touch()
    task = Task(config=config, folder=tmp_path / "trials", trial=sharing_trial)
    run_on_ray(task, search, stop=lambda: False)
    assert [search.outcomes[f"job-{place}"].loss for place in range(2)] == [0.0, 0.0]
