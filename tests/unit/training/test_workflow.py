"""The workflow's steps: an altered result, half a pre-training and a second command never pass as done."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs its extra")

from filelock import FileLock

from model.errors import ConfigError, DataError
from training.config import Config
from training.steps import read_record
from training.workflow import Step, Workflow


class Trainer:
    """Stands in for hours: writes the checkpoints that a training would leave."""

    def __init__(self):
        self.begun = []

    def __call__(self, config, step, folder, init):
        self.begun.append(step.value)
        for name in ("best.pt", "last.pt"):
            (folder / name).write_text(f"{config.train.epochs} {init and init.read_text()}")
        return folder / "best.pt"


@pytest.fixture
def config(tmp_path):
    config = Config(name="run")
    config.data.root, config.data.kind = str(tmp_path / "condensed"), "generated"
    config.network.input_size = 16
    return config


@pytest.fixture
def work(tmp_path, config):
    """A function that does one step with a new workflow, as a new command would; and what was said and begun."""

    class Work:
        trainer, said = Trainer(), []

        def __call__(self, step, **settings):
            for key, value in settings.items():
                setattr(config.train, key, value)
            workflow = Workflow(
                config, tmp_path / "run", trainer=self.trainer, tuner=lambda *_: None, say=self.said.append
            )
            return workflow.run(step)

    return Work()


def test_a_training_is_done_once_and_again_after_a_change(work, tmp_path):
    work(Step.TRAIN)
    work(Step.TRAIN)
    assert work.trainer.begun == ["train"]
    assert work.said == ["train: done already, nothing that it depends on changed"]
    work(Step.TRAIN, epochs=7)
    assert work.trainer.begun == ["train", "train"]
    assert "train: done again (train.epochs changed)" in work.said
    assert (tmp_path / "run" / "train" / "best.pt").read_text().startswith("7")


def test_settings_that_come_back_find_their_result(work, tmp_path):
    work(Step.TRAIN, epochs=5)
    work(Step.TRAIN, epochs=7)
    work(Step.TRAIN, epochs=5)
    assert (tmp_path / "run" / "train" / "best.pt").read_text().startswith("5")


def test_how_a_run_is_carried_out_does_not_redo_it(work):
    work(Step.TRAIN)
    work(Step.TRAIN, threads=1, checkpoint_minutes=9.0, devices=2, accelerator="cpu")
    assert work.trainer.begun == ["train"]


def test_another_teacher_makes_another_training(work, config, tmp_path):
    teacher = tmp_path / "teacher.pt"
    teacher.write_text("the first")
    work(Step.TRAIN)
    config.distil.teachers = [str(teacher)]
    work(Step.TRAIN)
    work(Step.TRAIN)
    teacher.write_text("the second")
    work(Step.TRAIN)
    assert work.trainer.begun == ["train"] * 3
    assert any(line.startswith("train: done again (distil.teachers changed)") for line in work.said)


def test_an_altered_result_is_never_gone_on_from(work, tmp_path):
    work(Step.TRAIN)
    folder = tmp_path / "run" / "train"
    whole = (folder / "best.pt").read_text()
    (folder / "best.pt").write_text("half")
    work(Step.TRAIN)
    assert work.trainer.begun == ["train", "train"]
    assert (folder / "best.pt").read_text() == whole
    assert [path.read_text() for path in folder.parent.glob("train.altered-*/best.pt")] == ["half"]
    assert any("its result was altered" in line for line in work.said)


def test_half_a_pre_training_is_not_trained_on(work, config, tmp_path):
    config.pretrain.root, config.pretrain.kind = config.data.root, "generated"
    with pytest.raises(DataError, match=r"pretrain.best\.pt: not there, or not finished; run the pretrain step first"):
        work(Step.TRAIN)
    work(Step.PRETRAIN)
    work(Step.TRAIN)
    assert (tmp_path / "run" / "train" / "best.pt").read_text() == "40 40 None"
    (tmp_path / "run" / "pretrain" / "best.pt").write_text("an epoch of another one")
    with pytest.raises(DataError, match="not finished"):
        work(Step.TRAIN)


def test_a_second_command_in_the_same_folder_is_refused(work, tmp_path):
    steps = tmp_path / "run" / "steps"
    steps.mkdir(parents=True)
    with FileLock(steps / "training.lock"), pytest.raises(DataError, match="another command trains in"):
        work(Step.TRAIN)
    assert work.trainer.begun == []
    work(Step.TRAIN)
    assert work.trainer.begun == ["train"]


def test_a_head_that_nothing_would_teach_is_refused(work, config):
    config.network.valence_arousal = True
    with pytest.raises(ConfigError, match=r"network\.valence_arousal is true and train\.valence_arousal is 0"):
        work(Step.TRAIN, valence_arousal=0.0)
    work(Step.TRAIN, valence_arousal=0.5)
    assert work.trainer.begun == ["train"]


def test_the_record_names_the_command_and_the_outputs(work, tmp_path):
    work(Step.TRAIN)
    record = read_record(tmp_path / "run", Step.TRAIN)
    assert {Path(path).name for path in record.outputs} == {"best.pt", "last.pt"}
    assert record.depends["train"]["epochs"] == 40
    assert "threads" not in record.depends["train"]


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such modes there")
def test_a_run_s_folder_is_made_for_its_user_alone_and_one_that_is_there_stays_as_it_is(work, tmp_path):
    work(Step.TRAIN)
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700
    (tmp_path / "run").chmod(0o750)
    work(Step.TRAIN, epochs=3)
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o750


def test_a_run_s_folder_that_cannot_be_made_is_one_line(work, tmp_path):
    (tmp_path / "run").write_text("in the way")
    with pytest.raises(DataError, match=r"run: cannot be made \(.*\); set another --runs"):
        work(Step.TRAIN)
