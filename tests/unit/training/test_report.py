"""The report of a run that was really trained: one file, and nothing in it does harm."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs its extra")
pytest.importorskip("jinja2", reason="training needs its extra")

from report_helpers import HOSTILE, Page, figures, pictures

from model.emotions import LABELS
from model.errors import ModelError
from training.config import Config
from training.data.condense import condense
from training.loop import train
from training.report import second_check as second
from training.report import write_report
from training.report.second_check import second_check
from training.steps import write_json, write_record


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run that was really trained, with results of the other steps as they would write them."""
    root = tmp_path_factory.mktemp("report")
    config = Config(name="trained")
    config.data.root = str(root / "condensed")
    config.data.kind = "ferplus"
    config.network.input_size = 16
    config.network.options = {"stem": 4, "widths": [6, 8], "depths": [1, 1]}
    config.train.epochs, config.train.batch_size, config.train.threads = 2, 16, 1
    config.train.accelerator = "cpu"
    config.report.pictures = 8
    splits = [
        condense(pictures(count, count), root / "condensed" / name, size=16, channels=1, source=f"made {HOSTILE}")
        for name, count in (("train", 48), ("valid", 24))
    ]
    folder = root / "runs" / "trained"
    train(config, *splits, folder / "train")
    readings = folder / "train" / "readings.jsonl"
    if not readings.exists():
        pytest.fail("the loop kept no readings")
    rows = [json.loads(line) for line in readings.read_text(encoding="utf-8").splitlines()]
    readings.write_text("".join(json.dumps({**row, "name": HOSTILE}) + "\n" for row in rows), encoding="utf-8")
    write_json(folder / "config.json", config.to_dict())
    evaluation = {
        **figures(),
        "calibration_error_before_temperature": 0.123,
        "interval": {"accuracy": [0.41, 0.47], "mean_recall": [0.4, 0.46]},
        "groups": {
            "columns": {
                f"age {HOSTILE}": {
                    "groups": {HOSTILE: {**figures(), "overconfidence": 0.02}, "old": figures()},
                    "gaps": [
                        {"measure": "accuracy", "higher": HOSTILE, "lower": "old", "difference": 0.071,
                         "higher_value": 0.5, "lower_value": 0.429, "interval": [0.01, 0.12]},
                    ],
                    "without_group": 3,
                }
            }
        },
        "end_to_end": {"pictures": 200, "misses": 5, "miss_share": 0.025, "accuracy": 0.387, "mean_recall": 0.3,
                       "found": figures(), "source": HOSTILE, "split": "test"},
        "split": "valid",
        "provider": HOSTILE,
    }  # fmt: skip
    write_json(folder / "evaluate.json", evaluation)
    exported = {"path": f"runs/{HOSTILE}.onnx", "sha256": "ab" * 32, "bytes": 5_100_000, "parity": 2e-7}
    write_json(folder / "export.json", [exported])
    tried = [("complete", 1e-3, 0.5, ""), ("failed", 1e-4, None, HOSTILE)]
    factor = [
        {"state": state, "value": value, "accuracy": accuracy, "mean_recall": accuracy, "reason": reason}
        for state, value, accuracy, reason in tried
    ]
    write_json(folder / "tune" / "results.json", {"factors": [{"setting": "train.learning_rate", "rows": factor}]})
    write_record(folder, "train", {}, [], command=f"python -m training.run train --config '{HOSTILE}'", seconds=75)
    return config, folder


@pytest.fixture(scope="module")
def page(trained):
    config, folder = trained
    return Page(write_report(config, folder).read_text(encoding="utf-8"))


def test_the_page_fetches_nothing(page):
    outside = page.values("src", "srcset", "poster", "data", "action", "xlink:href", "background")
    assert outside
    assert all(value.startswith("data:image/") for value in outside)
    assert all(value.startswith("#") for value in page.values("href"))
    assert not {"script", "link", "iframe", "object", "embed", "base", "form", "audio", "video"} & set(page.tags)
    style = " ".join([*page.styles, *page.values("style")])
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in page.values("content")


def test_names_from_outside_are_text_and_nothing_else(page):
    assert "script" not in page.tags
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert "alert(1)" in page.text  # it is shown, harmlessly
    assert HOSTILE in page.values("title")


def test_the_contents_lead_to_every_section(page):
    targets = {value[1:] for value in page.values("href")}
    assert targets <= set(page.values("id"))
    assert {value for tag, name, value in page.attributes if tag == "h2" and name == "id"} <= targets


def test_the_page_says_what_the_files_say(page):
    text = page.text.replace("\N{NARROW NO-BREAK SPACE}", " ")
    accuracy = figures()["accuracy"]
    assert f"{100 * accuracy:.1f} %" in text
    assert "95 %: 41.0 % to 47.0 %" in text
    assert "12.3 % before temperature" in text
    assert "7.1" in text  # points between the groups
    assert "38.7 %" in text  # end to end
    assert "39.5 %" in text  # the student report's accuracy with this learning rate
    assert "65.04" in text  # the field's best
    assert "ab" * 32 in text
    assert "5.1 MB" in text
    assert "1 min" in text


def test_the_confusion_matrix_has_what_was_read_in_rows_and_what_is_in_columns(page):
    confusion = figures()["confusion"]
    cells = [int(word.replace(",", "")) for word in page.text.split("read as ↓")[1].split() if word.isdigit()]
    assert cells[:16:2] == [confusion[true][0] for true in range(8)]  # each is followed by its percentage


def test_the_pictures_of_the_network_are_there(page):
    captions = page.text
    for expected in (
        "stem.0",
        "stages.1.body.3",
        "residual",
        "read as",
        "The same 8 pictures at each of 2 validations",
    ):
        assert expected in captions
    assert len(page.values("src")) > 5 + 1 + 3 + 8  # filters, the picture, maps, and as many readings


def test_no_picture_of_the_data_is_shown_where_none_is_wanted(trained, tmp_path):
    config, folder = trained
    config = Config(**{name: getattr(config, name) for name in ("name", "data", "network", "train")})
    config.report.pictures, config.report.path = 0, str(tmp_path / "plain.html")
    plain = Page(write_report(config, folder).read_text(encoding="utf-8"))
    assert not [value for value in plain.values("src") if value.startswith("data:image/jpeg")]
    assert len(plain.values("src")) == 5  # filters
    assert "mind its licence" not in plain.text


def test_a_network_that_a_search_chose_is_drawn_as_its_checkpoint_says(trained, tmp_path):
    config, folder = trained
    config = Config(**{name: getattr(config, name) for name in ("name", "data", "train")})
    config.network.input_size = 16  # the options, which the checkpoint has, are not the default's
    config.report.path = str(tmp_path / "tuned.html")
    text = Page(write_report(config, folder).read_text(encoding="utf-8")).text
    assert "6 × 8 × 8" in text
    assert "made with another network" not in text


class KnowsTheBright:
    """Says happiness of every picture, the surer the brighter."""

    def predict(self, crops):
        sure = 0.2 + 0.8 * np.asarray(crops).mean(axis=(1, 2)) / 255
        scores = np.repeat(((1 - sure) / 7)[:, None], 8, axis=1)
        scores[:, 1] = sure
        return scores.astype(np.float32)


def test_the_model_is_run_once_more_on_new_and_on_learned_pictures(trained, monkeypatch, tmp_path):
    config, _ = trained
    monkeypatch.setattr(second.Classifier, "load", lambda path: KnowsTheBright())
    found = second_check(tmp_path / "any.onnx", config, multiply_adds=1000)
    assert (found.count, found.train_count) == (24, 48)
    assert found.accuracy == found.train_accuracy == pytest.approx(1 / 8)
    assert sum(number for *_, number in found.bins) == 24


def test_a_model_that_cannot_be_loaded_is_not_run(trained, monkeypatch, tmp_path):
    def refuse(path):
        raise ModelError("damaged")

    monkeypatch.setattr(second.Classifier, "load", refuse)
    assert second_check(tmp_path / "any.onnx", trained[0], multiply_adds=1000) is None


def test_every_label_has_its_colour_in_the_page(page):
    style = " ".join(page.styles)
    assert all(f".e{place} {{" in style for place in range(len(LABELS)))
