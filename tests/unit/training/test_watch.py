"""What is written while a network learns, read back from the files."""

from __future__ import annotations

import json
import logging

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs its extra")
pytest.importorskip("tensorboard", reason="training needs its extra")

from model.emotions import LABELS, Emotion  # noqa: E402
from training.config import Config  # noqa: E402
from training.data.condense import condense  # noqa: E402
from training.data.sample import Sample, Split, one_hot  # noqa: E402
from training.network import build_network  # noqa: E402
from training.watch import READINGS, TENSORBOARD, Watcher  # noqa: E402

COUNT = 12


@pytest.fixture(scope="module")
def valid_set(tmp_path_factory):
    def made(place):
        emotion = Emotion(place % 4)
        pixels = np.full((16, 16), 20 * place, np.uint8)
        return Sample(name=f"<b>{place}</b>.png", label=emotion, target=one_hot(emotion), read=lambda: pixels)

    split = Split("valid", [made(place) for place in range(COUNT)])
    return condense(split, tmp_path_factory.mktemp("condensed") / "valid", size=16, channels=1, source="made")


@pytest.fixture
def config():
    config = Config(name="watched")
    config.network.input_size = 16
    config.network.options = {"stem": 4, "widths": [4, 8], "depths": [1, 1]}
    config.train.epochs = 24
    config.report.pictures = 8
    return config


def outputs_that_read(label):
    outputs = torch.zeros(COUNT, 8)
    outputs[:, label] = 5.0
    return outputs


def rows_of(folder):
    return [json.loads(line) for line in (folder / READINGS).read_text(encoding="utf-8").splitlines()]


def events_of(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder / TENSORBOARD))
    events.Reload()
    return events


def test_readings_are_rows_of_the_same_pictures(valid_set, config, tmp_path):
    watcher = Watcher(tmp_path, config, valid_set)
    for epoch, label in ((1, 3), (2, 0)):
        watcher.after_validation(epoch, {"epoch": epoch, "loss": 1.0}, outputs_that_read(label))
    watcher.close()
    rows = rows_of(tmp_path)
    assert [row["epoch"] for row in rows] == [1] * 8 + [2] * 8
    assert [row["label"] for row in rows] == ["surprise"] * 8 + ["neutral"] * 8
    first, second = rows[:8], rows[8:]
    assert [row["place"] for row in first] == [row["place"] for row in second]
    assert {row["true"] for row in first} == set(LABELS[:4])
    assert all(row["true"] == LABELS[row["place"] % 4] for row in rows)
    assert all(row["scores"][3] == pytest.approx(np.exp(5) / (np.exp(5) + 7), abs=1e-4) for row in first)


def test_the_two_values_beside_the_logits_are_no_classes(valid_set, config, tmp_path):
    watcher = Watcher(tmp_path, config, valid_set)
    watcher.after_validation(1, {}, torch.cat([outputs_that_read(2), torch.full((COUNT, 2), 9.0)], dim=1))
    watcher.close()
    assert {row["label"] for row in rows_of(tmp_path)} == {"sadness"}
    assert {len(row["scores"]) for row in rows_of(tmp_path)} == {8}


def test_everything_numeric_of_the_log_is_a_scalar(valid_set, config, tmp_path):
    watcher = Watcher(tmp_path, config, valid_set)
    row = {"epoch": 1, "loss": 1.5, "rate": 0.1, "note": "text", "broken": float("nan")}
    watcher.after_validation(1, row, outputs_that_read(0))
    watcher.after_validation(2, {"epoch": 2, "loss": 1.25, "rate": 0.05}, outputs_that_read(0))
    watcher.close()
    events = events_of(tmp_path)
    assert set(events.Tags()["scalars"]) == {"loss", "rate"}
    assert [(event.step, event.value) for event in events.Scalars("loss")] == [(1, 1.5), (2, 1.25)]
    assert [image.step for image in events.Images("readings")] == [1, 2]


def test_what_is_inside_the_network_is_drawn_now_and_then_and_its_graph_once(valid_set, config, tmp_path):
    network = build_network(config).eval()
    watcher = Watcher(tmp_path, config, valid_set)
    for epoch in (1, 2, 3, 24):
        watcher.after_validation(epoch, {}, outputs_that_read(0), network)
    watcher.close()
    events = events_of(tmp_path)
    tags = set(events.Tags()["images"])
    assert {"readings", "attention", "filters/stem.0", "feature maps/stages.1"} <= tags
    assert [image.step for image in events.Images("attention")] == [1, 2, 24]
    assert events.Tags()["graph"]


def test_epochs_that_are_done_again_stand_there_once(valid_set, config, tmp_path):
    first = Watcher(tmp_path, config, valid_set)
    for epoch in (1, 2, 3):
        first.after_validation(epoch, {"loss": 1.0}, outputs_that_read(0))
    first.close()
    with (tmp_path / READINGS).open("a", encoding="utf-8") as file:
        file.write('{"epoch": 4, "pla')  # what a crash leaves
    again = Watcher(tmp_path, config, valid_set, resume_epoch=1)
    again.after_validation(2, {"loss": 0.5}, outputs_that_read(1))
    again.close()
    assert [(row["epoch"], row["label"]) for row in rows_of(tmp_path)] == [(1, "neutral")] * 8 + [(2, "happiness")] * 8
    assert [(event.step, event.value) for event in events_of(tmp_path).Scalars("loss")] == [(1, 1.0), (2, 0.5)]


def test_no_pictures_are_watched_where_none_are_asked_for(valid_set, config, tmp_path):
    config.report.pictures = 0
    watcher = Watcher(tmp_path, config, valid_set)
    watcher.after_validation(1, {"loss": 1.0}, outputs_that_read(0), build_network(config).eval())
    watcher.close()
    assert rows_of(tmp_path) == []
    assert [event.value for event in events_of(tmp_path).Scalars("loss")] == [1.0]
    assert "readings" not in events_of(tmp_path).Tags()["images"]


def test_a_disk_that_refuses_is_told_once_and_stops_nothing(valid_set, config, tmp_path, caplog):
    (tmp_path / TENSORBOARD).write_text("in the way")
    (tmp_path / READINGS).mkdir()
    with caplog.at_level(logging.WARNING):
        watcher = Watcher(tmp_path, config, valid_set)
        for epoch in (1, 2):
            watcher.after_validation(epoch, {"loss": 1.0}, outputs_that_read(0), build_network(config).eval())
        watcher.close()
        watcher.close()
    (record,) = caplog.records
    assert record.getMessage().startswith(f"{tmp_path}: TensorBoard and readings are incomplete (")
    assert record.exc_info is None


def test_watching_changes_nothing_that_is_random(valid_set, config, tmp_path):
    torch.manual_seed(5)
    expected = torch.rand(3)
    network = build_network(config).eval()
    torch.manual_seed(5)
    watcher = Watcher(tmp_path, config, valid_set)
    watcher.after_validation(1, {"loss": 1.0}, outputs_that_read(0), network)
    watcher.close()
    assert torch.equal(torch.rand(3), expected)
    assert not network.training
