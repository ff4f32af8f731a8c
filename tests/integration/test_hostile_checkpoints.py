"""A checkpoint that would run a program if it were opened as a pickle is refused, by every step that reads one."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import zipfile

import pytest
from typer.testing import CliRunner

torch = pytest.importorskip("torch", reason="training needs its extra")

from model.errors import DataError  # noqa: E402
from training.checkpoint import load_checkpoint  # noqa: E402
from training.run import app  # noqa: E402

CONFIG = """
name = "tiny"
[data]
root = "{root}"
kind = "generated"
[network]
input_size = 16
options = {{ stem = 4, widths = [8, 8], depths = [1, 1] }}
[train]
epochs = 1
batch_size = 8
accelerator = "cpu"
threads = 1
"""


class Trap:
    """A pickle of it makes a folder when it is opened."""

    def __init__(self, canary):
        self._canary = canary

    def __reduce__(self):
        return (os.mkdir, (str(self._canary),))


def as_saved(value):
    content = io.BytesIO()
    torch.save(value, content)
    return content.getvalue()


def as_saved_long_ago(value):
    content = io.BytesIO()
    torch.save(value, content, _use_new_zipfile_serialization=False)
    return content.getvalue()


def traps(canary):
    """The ways in which a checkpoint could hold a pickle."""
    state = {"config": {}, "step": 1, "network": Trap(canary)}
    yield "plain", pickle.dumps(state)
    yield "saved", as_saved(state)
    yield "saved long ago", as_saved_long_ago(state)
    whole = io.BytesIO()  # a harmless checkpoint with its description exchanged
    with (
        zipfile.ZipFile(io.BytesIO(as_saved({"step": torch.zeros(3)}))) as harmless,
        zipfile.ZipFile(whole, "w") as new,
    ):
        for name in harmless.namelist():
            new.writestr(name, pickle.dumps(state) if name.endswith("data.pkl") else harmless.read(name))
    yield "exchanged", whole.getvalue()


def test_the_traps_are_traps(tmp_path):
    """Opened without ``weights_only``, each makes its folder."""
    for name, content in traps(tmp_path / "canary"):
        torch.load(io.BytesIO(content), weights_only=False) if name != "plain" else pickle.loads(content)
        (tmp_path / "canary").rmdir()


def test_none_is_opened(tmp_path):
    for name, content in traps(tmp_path / "canary"):
        (tmp_path / "last.pt").write_bytes(content)
        with pytest.raises(DataError, match=r"last\.pt: not a whole checkpoint"):
            load_checkpoint(tmp_path / "last.pt")
        assert not (tmp_path / "canary").exists(), name


def words(folder, step):
    return [step, "--config", str(folder / "tiny.toml"), "--runs", str(folder / "runs")]


def sha256_of(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a run that has trained on drawn faces."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "tiny.toml").write_text(CONFIG.format(root=(folder / "drawn").as_posix()))
    done = CliRunner().invoke(app, words(folder, "train"))
    assert done.exit_code == 0, done.output
    return folder


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*:UserWarning:lightning")
@pytest.mark.parametrize(
    ("file", "step"), [("last.pt", "train"), pytest.param("best.pt", "export", marks=pytest.mark.slow)]
)
def test_a_run_that_goes_on_from_a_trap_ends_in_one_line(trained, tmp_path, file, step):
    kept = trained / "runs" / "tiny" / "train" / file
    record, content = trained / "runs" / "tiny" / "steps" / "train.json", kept.read_bytes()
    was = record.read_text()
    try:
        kept.write_bytes(dict(traps(tmp_path / "canary"))["exchanged"])
        if step == "train":
            record.unlink()  # as if it had been interrupted
        else:  # as whoever changed the checkpoint would do it
            record.write_text(was.replace(sha256_of(content), sha256_of(kept.read_bytes())))
        done = CliRunner().invoke(app, words(trained, step))
    finally:
        kept.write_bytes(content)
        record.write_text(was)
    assert done.exit_code == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert f"{file}: not a whole checkpoint" in line
    assert "Traceback" not in done.stderr + done.stdout
    assert not (tmp_path / "canary").exists()
