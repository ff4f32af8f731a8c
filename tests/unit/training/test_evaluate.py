"""An evaluation as a whole: a model file and a condensed split in, figures, JSON and tables out."""

from __future__ import annotations

import hashlib
import io
import json

import cv2
import numpy as np
import pytest
from rich.console import Console

pytest.importorskip("torch", reason="training needs its extra")

from brightness_model import SIDE, ContrastDetector, photograph, write_brightness_model

from model.classifier import Classifier
from model.emotions import Emotion
from model.errors import ConfigError, DataError, ModelError
from training.config import Config
from training.data.condense import condense
from training.data.sample import Sample, Split, one_hot
from training.evaluate import evaluate, score, show

HAPPY, SAD = Emotion.HAPPINESS, Emotion.SADNESS
LEVELS = (200, 60)  # read as happy and as sad


def a_split(valence_arousal=True):
    """80 pictures, half happy, half sad; of the 40 called old- 12 are labelled wrongly, of the 40 called young- 4."""
    samples = []
    for number in range(80):
        level = LEVELS[number % 2]
        read_as = (HAPPY, SAD)[number % 2]
        wrong = number < 12 or 40 <= number < 44
        label = (SAD if read_as is HAPPY else HAPPY) if wrong else read_as
        samples.append(
            Sample(
                name=f"faces/{'old' if number < 40 else 'young'}-{number}.png",
                label=label,
                target=one_hot(label),
                read=lambda level=level: np.full((SIDE, SIDE), level, np.uint8),
                valence_arousal=(level / 255, level / 255) if valence_arousal and number < 60 else None,
            )
        )
    return Split("valid", samples)


@pytest.fixture
def config(tmp_path):
    condense(a_split(), tmp_path / "data" / "valid", size=SIDE, channels=1, source="made")
    config = Config(name="tiny")
    config.data.root = str(tmp_path / "data")
    config.evaluate.batch_size = 32
    return config


@pytest.fixture
def run(tmp_path):
    """A run's folder with its export."""
    folder = tmp_path / "runs" / "tiny"
    folder.mkdir(parents=True)
    write_brightness_model(folder / "tiny.onnx", temperature=2.0, sharpness=3.0)
    return folder


def shown(evaluation):
    out = io.StringIO()
    show(evaluation, Console(file=out, width=80))
    return out.getvalue()


def groups_file(tmp_path):
    path = tmp_path / "groups.csv"
    names = [f"{'old' if number < 40 else 'young'}-{number}.png" for number in range(80)]
    path.write_text("name,age\n" + "".join(f"{name},{name.split('-')[0]}\n" for name in names))
    return path


def test_the_runs_own_export_is_scored_and_written_down(config, run):
    evaluation = evaluate(config, run)
    assert evaluation.figures.count == 80
    assert evaluation.figures.accuracy == pytest.approx(64 / 80)
    written = json.loads((run / "evaluate.json").read_text())
    assert written == json.loads(json.dumps(evaluation.to_dict()))
    assert (written["count"], written["accuracy"], written["mean_recall"]) == (80, 0.8, pytest.approx(0.8))
    assert written["confusion"][HAPPY][SAD] == written["confusion"][SAD][HAPPY] == 8
    assert written["recall"] == {"happiness": 0.8, "sadness": 0.8}
    assert written["sha256"] == hashlib.sha256((run / "tiny.onnx").read_bytes()).hexdigest()
    assert (written["split"], written["provider"]) == ("valid", "CPUExecutionProvider")
    assert len(written["data_fingerprint"]) == 64
    assert written["interval"]["accuracy"][0] < 0.8 < written["interval"]["accuracy"][1]
    assert (written["groups"], written["end_to_end"], written["int8"]) == (None, None, None)
    assert not list(run.glob(".*"))


def test_calibration_before_and_after_the_temperature(config, run):
    # Logits of 3 times the brightness' distance from the middle, both ways; halved by the temperature.
    evaluation = evaluate(config, run)
    distances = [level / 255 - 0.5 for level in LEVELS]

    def confidence(temperature):
        return [1 / (1 + np.exp(-2 * 3 * abs(distance) / temperature)) for distance in distances]

    def error(confidences):
        return np.mean([abs(each - 0.8) for each in confidences])

    assert evaluation.temperature == 2.0
    assert evaluation.figures.calibration_error == pytest.approx(error(confidence(2.0)), abs=1e-4)
    assert evaluation.calibration_error_before_temperature == pytest.approx(error(confidence(1.0)), abs=1e-4)


def test_another_model_does_not_touch_the_runs_figures(config, run, tmp_path):
    evaluate(config, run)
    before = (run / "evaluate.json").read_bytes()
    config.evaluate.model = str(write_brightness_model(tmp_path / "other.onnx", shift=0.4))  # all happy
    other = evaluate(config, run)
    assert other.figures.accuracy == pytest.approx(0.5)
    assert other.model == config.evaluate.model
    assert (run / "evaluate.json").read_bytes() == before
    fresh = tmp_path / "runs" / "never"
    evaluate(config, fresh)
    assert not fresh.exists()
    config.evaluate.model = str(run / "tiny.onnx")  # the run's own, by its path
    evaluate(config, run)
    assert json.loads((run / "evaluate.json").read_text())["accuracy"] == 0.8


def test_the_same_figures_again_leave_the_file_as_it_is(config, run):
    evaluate(config, run)
    before = (run / "evaluate.json").read_bytes()
    config.evaluate.model = str(run / "tiny.onnx")
    evaluate(config, run)
    assert (run / "evaluate.json").read_bytes() == before  # with the seconds that the first one took
    write_brightness_model(run / "tiny.onnx", shift=0.4)
    evaluate(config, run)
    assert json.loads((run / "evaluate.json").read_text())["accuracy"] == 0.5
    (run / "evaluate.json").write_text("[half")
    evaluate(config, run)
    assert json.loads((run / "evaluate.json").read_text())["accuracy"] == 0.5


def test_an_export_elsewhere_is_the_runs_own(config, tmp_path):
    config.export.path = str(write_brightness_model(tmp_path / "elsewhere.onnx"))
    evaluate(config, tmp_path / "runs" / "new")
    assert json.loads((tmp_path / "runs" / "new" / "evaluate.json").read_text())["model"] == config.export.path


def test_the_int8_file_beside_it_is_scored_too(config, run):
    write_brightness_model(run / "tiny-int8.onnx", shift=0.4)
    config.export.int8 = True
    found = evaluate(config, run).to_dict()["int8"]
    assert found["model"] == "tiny-int8.onnx"
    assert found["accuracy"] == pytest.approx(0.5)
    assert found["difference"]["accuracy"] == pytest.approx(-0.3)
    assert found["same_answers"] == pytest.approx(0.5)
    assert "int8 (tiny-int8.onnx): accuracy 0.5000 (-30.00 points)" in shown(evaluate(config, run))
    (run / "tiny-int8.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"tiny-int8.onnx: not a readable ONNX model"):
        evaluate(config, run)


def test_an_int8_file_of_an_earlier_export_is_not_taken_for_this_models(config, run):
    write_brightness_model(run / "tiny-int8.onnx", shift=0.4)
    config.export.int8 = False
    assert evaluate(config, run).to_dict()["int8"] is None


def test_learned_valence_and_arousal_are_compared_with_the_data(config, run):
    write_brightness_model(run / "tiny.onnx", learned=True)
    found = evaluate(config, run).to_dict()["valence_arousal"]
    assert found["learned"] is True
    assert found["valence"]["count"] == 60
    assert found["valence"]["rmse"] == pytest.approx(0, abs=1e-6)
    assert found["valence"]["ccc"] == pytest.approx(1)
    assert found["arousal"]["ccc"] < 0
    assert found["arousal"]["same_sign"] == 0.0
    assert found["arousal"]["rmse"] == pytest.approx(2 * np.sqrt(np.mean(np.square(LEVELS))) / 255, abs=1e-5)


def test_derived_valence_and_arousal_are_said_to_be(config, run):
    evaluation = evaluate(config, run)
    assert evaluation.learned_valence_arousal is False
    assert set(evaluation.valence_arousal) == {"valence", "arousal"}
    assert "derived from the scores" in shown(evaluation)


def test_data_without_values_have_no_such_figures(config, run, tmp_path):
    condense(a_split(valence_arousal=False), tmp_path / "data" / "bare", size=SIDE, channels=1, source="made")
    config.evaluate.split = "bare"
    evaluation = evaluate(config, run)
    assert evaluation.to_dict()["valence_arousal"] is None
    assert "RMSE" not in shown(evaluation)


def test_figures_by_group_in_json_and_on_the_console(config, run, tmp_path):
    path = groups_file(tmp_path)
    path.write_text(path.read_text() + "gone.png,old\n")
    config.evaluate.groups = str(path)
    evaluation = evaluate(config, run)
    found = evaluation.to_dict()["groups"]
    assert (found["file"], found["matched"]) == ("groups.csv", 80)
    assert found["unknown"] == {"count": 1, "names": ["gone.png"]}
    groups = found["columns"]["age"]["groups"]
    assert (groups["old"]["accuracy"], groups["young"]["accuracy"]) == (pytest.approx(0.7), pytest.approx(0.9))
    first = found["columns"]["age"]["gaps"][0]
    assert (first["measure"], first["higher"], first["lower"]) == ("accuracy", "young", "old")
    assert first["difference"] == pytest.approx(0.2)
    text = shown(evaluation)
    assert "accuracy: young 0.900, old 0.700: 20.0 points [" in text
    assert "1 name(s) not a picture of the split: gone.png" in text


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("other.png,old\n", "none of its 1 names (other.png) is a picture of"),
        ("old-0.png\n", "groups.csv:2: 1 cell(s), expected 2"),
    ],
)
def test_a_table_that_does_not_fit_is_an_error(config, run, tmp_path, rows, expected):
    path = tmp_path / "groups.csv"
    path.write_text(f"name,age\n{rows}")
    config.evaluate.groups = str(path)
    with pytest.raises(DataError) as caught:
        evaluate(config, run)
    assert expected in str(caught.value)
    assert not (run / "evaluate.json").exists()


@pytest.fixture
def faces(tmp_path):
    """Thirty photographs of a bright face, three of nothing, in a folder of happiness; one broken file."""
    folder = tmp_path / "faces" / "happiness"
    folder.mkdir(parents=True)
    for number in range(33):
        picture = photograph((30, 30, 20, 250)) if number < 30 else photograph()
        cv2.imwrite(str(folder / f"{number}.png"), picture)
    (folder / "broken.png").write_bytes(b"no picture")
    return tmp_path / "faces"


def test_end_to_end_in_json_and_on_the_console(config, run, faces, tmp_path, monkeypatch):
    monkeypatch.setattr("model.detector.FaceDetector", ContrastDetector)
    config.evaluate.photographs = f"folder:{faces}"
    table = tmp_path / "groups.csv"
    table.write_text("name,age\n" + "".join(f"{n}.png,{'old' if n % 3 == 0 else 'young'}\n" for n in range(33)))
    config.evaluate.groups = str(table)  # names photographs alone: that is enough
    evaluation = evaluate(config, run)
    found = evaluation.to_dict()["end_to_end"]
    assert (found["kind"], found["source"], found["split"]) == ("folder", "faces", "all")
    assert (found["pictures"], found["misses"], found["found"]["accuracy"]) == (33, 3, 1.0)
    assert found["accuracy"] == pytest.approx(30 / 33)
    assert found["unreadable"]["count"] == 1
    assert found["ideal"]["kind"] == "fixed square"
    assert found["groups"]["age"]["old"]["misses"] == 1
    assert found["groups"]["age"]["young"]["pictures"] == 22
    assert "names" not in found
    text = shown(evaluation)
    assert "33 pictures, no face found in 3 (9.09%), several in 0" in text
    assert "misses counted as wrong" in text
    json.dumps(evaluation.to_dict(), allow_nan=False)


def test_wrong_photographs_are_refused_before_anything_is_scored(config, run):
    config.evaluate.photographs = "lfw.zip"
    with pytest.raises(ConfigError, match=r"evaluate.photographs is 'lfw.zip'"):
        evaluate(config, run)


def test_no_line_of_the_tables_is_wider_than_a_terminal(config, run, tmp_path):
    config.evaluate.groups = str(groups_file(tmp_path))
    table = [line for line in shown(evaluate(config, run)).splitlines() if line[:1] in "┃│"]
    assert len(table) > 12
    assert max(map(len, table)) <= 80
    assert not any("…" in line for line in table)


def test_the_confusion_is_shown_in_the_reports_orientation(config, run, tmp_path):
    config.evaluate.model = str(write_brightness_model(tmp_path / "other.onnx", shift=0.4))  # all happy
    lines = shown(evaluate(config, run)).splitlines()
    assert any("rows: read as; columns: true class" in line for line in lines)
    (happy,) = [line for line in lines if line.startswith("│happiness")]
    assert [cell.strip() for cell in happy.strip("│").split("│")] == ["happiness", "0", "40", "40", *"00000", "0.500"]


def test_a_run_that_exported_nothing_says_what_to_do(config, tmp_path):
    with pytest.raises(DataError, match="run the export step, or name a model"):
        evaluate(config, tmp_path / "runs" / "tiny")


def test_scores_do_not_depend_on_the_batch(config, run):
    from training.data.condense import open_condensed

    data = open_condensed(run.parent.parent / "data" / "valid")
    classifier, done = Classifier.load(run / "tiny.onnx"), []
    one = score(classifier, data, 7, tick=done.append)
    assert np.allclose(one.scores, score(classifier, data, 80).scores, atol=1e-6)
    assert done == [*range(7, 80, 7), 80]
    assert one.scores.shape == (80, 8)
    assert one.valence_arousal.shape == (80, 2)
