"""A run's export: files whose cards and figures are true, all of them or none."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs its extra")

from model.classifier import Classifier  # noqa: E402
from model.emotions import Emotion  # noqa: E402
from model.errors import ConfigError, DataError, ModelError  # noqa: E402
from model.export import rewrite_card  # noqa: E402
from training import export as module  # noqa: E402
from training.checkpoint import save_checkpoint  # noqa: E402
from training.config import Config  # noqa: E402
from training.data.condense import condense, open_condensed  # noqa: E402
from training.data.sample import Sample, Split, one_hot  # noqa: E402
from training.export import CHECKPOINT, EXPORTED, export_run, int8_path  # noqa: E402
from training.network import build_network  # noqa: E402
from training.steps import write_record  # noqa: E402

SIZE = 16
VALUES = {Emotion.HAPPINESS: (0.8, 0.4), Emotion.SADNESS: (-0.7, -0.3)}


def bright_and_dark(count, seed):
    """Bright pictures are happy and pleasant, dark ones sad and not; a few are in between."""
    rng = np.random.default_rng(seed)

    def made(place):
        emotion = Emotion.HAPPINESS if place % 2 else Emotion.SADNESS
        level = rng.normal(155 if place % 2 else 100, 25)
        pixels = rng.normal(level, 20, (SIZE, SIZE)).clip(0, 255).astype(np.uint8)
        return Sample(
            name=str(place),
            label=emotion,
            target=one_hot(emotion),
            read=lambda: pixels,
            valence_arousal=VALUES[emotion],
        )

    return Split("made", [made(place) for place in range(count)])


def config_of(root, **network):
    config = Config(name="tiny")
    config.data.root = str(root)
    config.network.input_size = SIZE
    config.network.options = {"stem": 4, "widths": [8, 8], "depths": [1, 1]}
    for key, value in network.items():
        setattr(config.network, key, value)
    config.export.data = "made-up pictures"
    config.export.calibration = 24
    return config


def learn(config, root):
    """Weights that tell bright from dark, after a few steps."""
    network = build_network(config).train()
    data = open_condensed(root / "train", verify=False)
    pixels = torch.from_numpy(data.take(np.arange(len(data)))).permute(0, 3, 1, 2).float() / 255
    pixels = (pixels - config.network.mean) / config.network.std
    labels, values = torch.from_numpy(data.labels.astype(np.int64)), torch.from_numpy(data.valence_arousal)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.03)
    for _ in range(15):
        optimizer.zero_grad()
        outputs = network(pixels)
        loss = torch.nn.functional.cross_entropy(outputs[:, :8], labels)
        if config.network.valence_arousal:
            loss = loss + torch.nn.functional.mse_loss(torch.tanh(outputs[:, 8:]), values)
        loss.backward()
        optimizer.step()
    return network


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("condensed")
    for split, count, seed in (("train", 60, 1), ("valid", 50, 2)):
        condense(bright_and_dark(count, seed), folder / split, size=SIZE, channels=1, source="made")
    return folder


@pytest.fixture(scope="module")
def trained(root, tmp_path_factory):
    """A run's folder with a checkpoint, to be copied."""
    folder = tmp_path_factory.mktemp("trained")
    config = config_of(root)
    network = learn(config, root)
    save_checkpoint(folder / CHECKPOINT, {"config": config.to_dict(), "averaged": network.state_dict()})
    return folder


@pytest.fixture
def run(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "runs" / "tiny")


@pytest.fixture(scope="module")
def exported(trained, root, tmp_path_factory):
    """Both files of a run, with attention; the run's folder."""
    folder = shutil.copytree(trained, tmp_path_factory.mktemp("exported") / "tiny")
    config = config_of(root)
    config.export.int8 = config.export.attention = True
    config.export.name = "bright"
    assert export_run(config, folder) == folder / "tiny.onnx"
    return folder


@pytest.fixture
def quick(exported, monkeypatch):
    """PyTorch's exporter takes a second: where it is not under test, take the file that it made of the same weights."""

    def copied(_network, card, path, *, attention, half_weights):
        shutil.copy(exported / "tiny.onnx", path)
        rewrite_card(path, card)
        return 0.0

    monkeypatch.setattr(module, "export", copied)


def listing(folder):
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_each_file_says_in_its_card_what_it_scores(exported, root):
    valid = open_condensed(root / "valid")
    pictures = valid.take(np.arange(len(valid)))[..., 0]
    for name, precision in (("tiny.onnx", "fp32"), ("tiny-int8.onnx", "int8")):
        classifier = Classifier.load(exported / name, backend="onnx")
        accuracy = float((classifier.predict(pictures).argmax(axis=1) == valid.labels).mean())
        assert accuracy > 0.8
        assert classifier.card.precision == precision
        assert classifier.card.figures["valid accuracy"] == pytest.approx(accuracy, abs=5e-5)
        assert set(classifier.card.commands) == set(classifier.card.figures)
        assert classifier.gives_attention


def test_the_cards_say_what_they_were_made_of(exported, root):
    card, small = (Classifier.load(exported / name).card for name in ("tiny.onnx", "tiny-int8.onnx"))
    assert (card.name, small.name) == ("bright", "bright-int8")
    assert card.fingerprints == {use: open_condensed(root / use).fingerprint for use in ("train", "valid")}
    assert card.temperature != 1
    assert card.made_with == "python -m training.run --config training/configs/tiny.toml"
    assert card.valence_arousal == "derived"
    same = ("fingerprints", "temperature", "made_with", "data", "licence", "architecture", "architecture_options")
    assert all(getattr(card, key) == getattr(small, key) for key in same)
    lost = 100 * (card.figures["valid accuracy"] - small.figures["valid accuracy"])
    assert small.figures["valid points of accuracy lost to int8"] == pytest.approx(lost, abs=0.011)
    assert (
        f"accuracy {small.figures['valid accuracy']:.4f}, in fp32 {card.figures['valid accuracy']:.4f}" in small.notes
    )
    assert all(f"evaluate.model={exported / 'tiny-int8.onnx'}" in command for command in small.commands.values())


def test_the_temperature_makes_the_validation_split_likeliest(exported, root):
    valid = open_condensed(root / "valid")
    classifier = Classifier.load(exported / "tiny.onnx")
    scores = classifier.predict(valid.take(np.arange(len(valid)))[..., 0]).astype(np.float64)

    def likelihood(power):
        changed = scores**power / (scores**power).sum(axis=1, keepdims=True)
        return np.log(changed[np.arange(len(valid)), valid.labels]).mean()

    assert likelihood(1.0) >= max(likelihood(0.9), likelihood(1.1))


def test_export_json_describes_the_files_that_lie_there(exported):
    measured = json.loads((exported / EXPORTED).read_text())
    checkpoint = hashlib.sha256((exported / CHECKPOINT).read_bytes()).hexdigest()
    assert measured["checkpoint"]["sha256"] == checkpoint
    assert [row["path"] for row in measured["files"]] == [str(exported / "tiny.onnx"), str(exported / "tiny-int8.onnx")]
    for row in measured["files"]:
        content = Path(row["path"]).read_bytes()
        assert (row["bytes"], row["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        assert row["figures"]["count"] == 50
        assert row["temperature"] == measured["temperature"]
        assert row["seconds"] > 0
    exact, small = measured["files"]
    assert 0 < exact["parity"] <= 1e-4
    assert 0 < small["difference_mean"] <= small["difference_largest"] < 0.2
    assert small["calibration"] == 24


def test_nothing_but_the_files_is_left(exported):
    names = {path for path in listing(exported) if not path.startswith("train/")}
    assert names == {"tiny.onnx", "tiny-int8.onnx", "export.json"}


@pytest.mark.usefixtures("quick")
def test_the_command_of_the_training_goes_into_the_card(run, root):
    words = "--config my.toml --runs runs --set train.epochs=3"
    write_record(run, "train", {}, [], command=f"python -m training.run train {words}", seconds=1)
    card = Classifier.load(export_run(config_of(root), run)).card
    assert card.made_with == f"python -m training.run {words}"
    assert set(card.commands.values()) == {f"python -m training.run evaluate {words}"}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("broken", ["score", "quantise", "_finish"])
def test_a_failure_anywhere_leaves_the_earlier_files_as_they_were(run, root, monkeypatch, broken):
    for name in ("tiny.onnx", "tiny-int8.onnx", "export.json"):
        (run / name).write_bytes(b"the earlier one")
    before = listing(run)
    config = config_of(root)
    config.export.int8 = True
    real, calls = getattr(module, broken), []

    def fails(*given):
        calls.append(given)
        if len(calls) == {"score": 2, "quantise": 1, "_finish": 2}[broken]:  # in the int8 file's part
            raise MemoryError("no room")
        return real(*given)

    monkeypatch.setattr(module, broken, fails)
    with pytest.raises(MemoryError):
        export_run(config, run)
    assert listing(run) == before


@pytest.mark.usefixtures("quick")
def test_a_file_that_reads_real_pictures_otherwise_than_pytorch_is_not_written(run, root, monkeypatch):
    real = module.predict
    monkeypatch.setattr(module, "predict", lambda *given: real(*given) + 0.1 * torch.arange(8))
    with pytest.raises(ModelError, match=r"tiny\.onnx: not written, on the pictures of .*valid it differs"):
        export_run(config_of(root), run)
    assert not (run / "tiny.onnx").exists()


@pytest.mark.usefixtures("quick")
def test_int8_that_costs_too_much_is_written_and_said(run, root, monkeypatch, caplog):
    monkeypatch.setattr(module, "MOST_LOST", -100.0)
    config = config_of(root)
    config.export.int8 = True
    export_run(config, run)
    (said,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "tiny-int8.onnx: int8 costs " in said
    assert "\n" not in said
    assert Classifier.load(run / "tiny-int8.onnx").card.precision == "int8"


@pytest.mark.usefixtures("quick")
def test_an_int8_file_of_an_earlier_export_is_kept_and_named(run, root, caplog):
    int8_path(run / "tiny.onnx").write_bytes(b"earlier")
    export_run(config_of(root), run)
    assert "tiny-int8.onnx: left as it is, from an earlier export" in caplog.text
    assert int8_path(run / "tiny.onnx").read_bytes() == b"earlier"


def test_a_network_with_the_second_head_is_judged_by_both(tmp_path, root):
    config = config_of(root, valence_arousal=True)
    config.export.path = str(tmp_path / "elsewhere" / "both.onnx")
    state = {"config": config.to_dict(), "averaged": learn(config, root).state_dict()}
    save_checkpoint(tmp_path / CHECKPOINT, state)
    classifier = Classifier.load(export_run(config, tmp_path))
    assert classifier.card.valence_arousal == "learned"
    figures = classifier.card.figures
    assert figures["valid accuracy"] > 0.8
    assert figures["valid valence CCC"] > 0.5
    assert 0 < figures["valid arousal RMSE"] < 0.5
    bright, dark = np.full((2, SIZE, SIZE), [[[180]], [[75]]], np.uint8)
    read = classifier.read([bright, dark])
    assert read.valence_arousal[0, 0] > 0.3 > -0.3 > read.valence_arousal[1, 0]
    row = json.loads((tmp_path / EXPORTED).read_text())["files"][0]
    assert row["valence_arousal"]["valence"]["ccc"] == pytest.approx(figures["valid valence CCC"], abs=1e-4)


def test_attention_that_cannot_be_exact_is_refused_before_anything_takes_time(tmp_path, root, monkeypatch):
    config = config_of(root, architecture="basic-1", input_size=25, options={})
    config.export.attention = True
    save_checkpoint(tmp_path / CHECKPOINT, {"config": config.to_dict(), "averaged": build_network(config).state_dict()})
    monkeypatch.setattr(module, "predict", None)
    with pytest.raises(ConfigError, match="basic-1 has hidden layers"):
        export_run(config, tmp_path)


@pytest.mark.usefixtures("quick")
def test_what_is_missing_is_named(run, root, tmp_path):
    with pytest.raises(DataError, match="no such checkpoint; run the train step first"):
        export_run(config_of(root), tmp_path / "none")
    alone = tmp_path / "alone"
    shutil.copytree(root / "valid", alone / "valid")
    config = config_of(alone)
    assert set(Classifier.load(export_run(config, run)).card.fingerprints) == {"valid"}
    config.export.int8 = True
    with pytest.raises(DataError, match="train: no condensed set here"):
        export_run(config, run)
