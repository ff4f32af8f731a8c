"""Stand-ins for a trial, where a test is about the search around it; importable by a trial's process."""

from __future__ import annotations

import math
import os
import signal
import time

from training.config import Config
from training.interrupted import Interrupted
from training.tuning.job import Job, TrialFailed, score_of
from training.tuning.runners import Task, run_here, run_in_processes

BEST = {"train.learning_rate": 0.01, "augment.flip": 0.3}


def toy_config(**tune):
    config = Config(name="toy")
    config.train.accelerator = "cpu"
    config.tune.epochs = 4
    for key, value in tune.items():
        setattr(config.tune, key, value)
    return config


def toy_accuracy(settings):
    """One at BEST, less the farther away."""
    rate, flip = settings.get("train.learning_rate", 0.1), settings.get("augment.flip", 0.5)
    return round(1 - abs(math.log10(rate) + 2) / 4 - abs(flip - 0.3) / 2, 5)


def toy_trial(config, settings, folder, *, init, on_validation, stop):
    """Learns evenly up to :func:`toy_accuracy`; notes in ``../calls`` when it begins and ends, and keeps its epoch."""
    folder.mkdir(parents=True, exist_ok=True)
    calls, kept = folder.parent / "calls", folder / "last.pt"
    done = int(kept.read_text()) if kept.exists() else 0
    with calls.open("a") as file:
        file.write(f"{folder.name} from {done}\n")
    accuracy, state = toy_accuracy(settings), "complete"
    for epoch in range(done + 1, config.tune.epochs + 1):
        if stop():
            raise Interrupted
        kept.write_text(str(epoch))
        if on_validation(epoch, score_of(accuracy * epoch / 4, accuracy * epoch / 4)) and epoch < config.tune.epochs:
            state = "pruned"
            break
    rows = [{"epoch": each, "accuracy": accuracy * each / 4} for each in range(1, epoch + 1)]
    (folder / "log.jsonl").write_text("kept\n")
    best = rows[-1]["accuracy"]
    return {
        "state": state,
        "accuracy": best,
        "mean_recall": best,
        "loss": 1 - best,
        "seconds": 1.0,
        "epochs": rows,
    }


def calls_of(folder):
    """What :func:`toy_trial` noted, in order."""
    path = folder / "trials" / "calls"
    return path.read_text().splitlines() if path.exists() else []


def failing_trial(config, settings, folder, *, init, on_validation, stop):
    """Fails at the highest rate."""
    if settings.get("train.learning_rate") == 1.0:
        raise TrialFailed("the loss is nan at epoch 1, step 3")
    return toy_trial(config, settings, folder, init=init, on_validation=on_validation, stop=stop)


def dying_trial(config, settings, folder, *, init, on_validation, stop):
    """Ends its process at the rate 1.0 always, at 0.5 the first time, as the system does when memory is short."""
    rate = settings.get("train.learning_rate")
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / "died"
    if rate == 1.0 or (rate == 0.5 and not mark.exists()):
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return toy_trial(config, settings, folder, init=init, on_validation=on_validation, stop=stop)


def slow_trial(config, settings, folder, *, init, on_validation, stop):
    """Goes on until it is told to stop; then it notes that it saved."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pid").write_text(str(os.getpid()))
    while not stop():
        time.sleep(0.01)
    (folder / "saved").touch()
    raise Interrupted


def waiting_trial(config, settings, folder, *, init, on_validation, stop):
    """Notes its process, and is complete when a file ``go`` is there."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "pids").open("a") as file:
        file.write(f"{os.getpid()}\n")
    while not (folder / "go").exists():
        time.sleep(0.01)
    return {"state": "complete", "accuracy": 0.5, "mean_recall": 0.5, "loss": 0.5, "seconds": 0.0, "epochs": []}


def sharing_trial(config, settings, folder, *, init, on_validation, stop):
    """Waits until two are at work at once, and tells as its loss the number of the GPU that it may use."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "here").touch()
    while len(list(folder.parent.glob("*/here"))) < 2:
        time.sleep(0.01)
    loss = float(os.environ["CUDA_VISIBLE_DEVICES"])
    return {"state": "complete", "accuracy": 0.5, "mean_recall": 0.5, "loss": loss, "seconds": 0.0, "epochs": []}


def lingering_trial(config, settings, folder, *, init, on_validation, stop):
    """As :func:`toy_trial`, but after the first of a folder it waits to be killed."""
    if folder.name.endswith("-0"):
        return toy_trial(config, settings, folder, init=init, on_validation=on_validation, stop=stop)
    with (folder.parent / "calls").open("a") as file:
        file.write(f"{folder.name} from 0\n")
    time.sleep(600)
    raise AssertionError("nobody killed it")


def broken_trial(config, settings, folder, *, init, on_validation, stop):
    """Has a defect."""
    raise ZeroDivisionError("division by zero")


def telling_trial(config, settings, folder, *, init, on_validation, stop):
    """Tells as its loss how many threads it may use."""
    on_validation(1, 0.5)
    return {
        "state": "complete",
        "accuracy": 0.5,
        "mean_recall": 0.5,
        "loss": float(config.train.threads),
        "seconds": 0.0,
        "epochs": [],
    }


class ListSearch:
    """Given jobs in order; keeps what it is told."""

    def __init__(self, rates, *, prune=()):
        self._jobs = [
            Job(name=f"job-{place}", settings={"train.learning_rate": rate}, title=f"rate {rate}")
            for place, rate in enumerate(rates)
        ]
        self._prune = prune
        self.outcomes, self.scores, self.left = {}, {}, []

    def next(self):
        return self._jobs.pop(0) if self._jobs else None

    def validated(self, job, epoch, score):
        self.scores.setdefault(job.name, []).append((epoch, score))
        return job.name in self._prune

    def ended(self, job, outcome):
        self.outcomes[job.name] = outcome

    def interrupted(self, job, seconds):
        self.left.append(job.name)


def run(search, folder, jobs, *, trial=toy_trial, stop=lambda: False, config=None):
    task = Task(config=config or toy_config(), folder=folder / "trials", trial=trial)
    if jobs == 1:
        run_here(task, search, stop=stop)
    else:
        run_in_processes(task, search, jobs=jobs, stop=stop)


def tiny_config(root, **tune):
    """A network and pictures so small that an epoch takes no time."""
    config = toy_config(**tune)
    config.data.root = str(root)
    config.network.input_size = 16
    config.network.options = {"stem": 4, "widths": [8, 8], "depths": [1, 1], "dropout": 0.2}
    config.train.batch_size, config.train.epochs, config.train.threads = 16, 6, 1
    config.train.learning_rate, config.train.ema_decay = 0.05, 0.5
    return config


def tiny_sets(root):
    """Bright pictures are happy, dark ones sad: a task that a tiny network learns in a few steps."""
    import numpy as np

    from model.emotions import Emotion
    from training.data.condense import condense
    from training.data.sample import Sample, Split, one_hot

    for name, count in (("train", 72), ("valid", 20)):
        rng = np.random.default_rng(count)
        samples = []
        for place in range(count):
            emotion = Emotion.HAPPINESS if place % 2 else Emotion.SADNESS
            pixels = rng.normal(180 if place % 2 else 60, 20, (16, 16)).clip(0, 255).astype(np.uint8)
            samples.append(
                Sample(name=str(place), label=emotion, target=one_hot(emotion), read=lambda pixels=pixels: pixels)
            )
        condense(Split(name, samples), root / name, size=16, channels=1, source="made")
