"""The report: one file, whatever a run has left behind, and whatever stands in it."""

from __future__ import annotations

import html.parser
import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="training needs its extra")
pytest.importorskip("jinja2", reason="training needs its extra")

from model.emotions import LABELS, Emotion  # noqa: E402
from model.errors import DataError, ModelError  # noqa: E402
from training.checkpoint import save_checkpoint  # noqa: E402
from training.config import Config  # noqa: E402
from training.data.condense import condense  # noqa: E402
from training.data.sample import Sample, Split, one_hot  # noqa: E402
from training.loop import train  # noqa: E402
from training.metrics import measure  # noqa: E402
from training.network import build_network  # noqa: E402
from training.report import second_check as second  # noqa: E402
from training.report import words, write_report  # noqa: E402
from training.report.charts import Line, line_chart, reliability_chart, strip  # noqa: E402
from training.report.comparison import parameters_of  # noqa: E402
from training.report.curves import best_epoch  # noqa: E402
from training.report.inside import look_inside  # noqa: E402
from training.report.origins import as_toml  # noqa: E402
from training.report.second_check import SecondCheck, reliability, second_check  # noqa: E402
from training.report.sweeps import joint_of, sweeps_of  # noqa: E402
from training.report.verdict import verdict  # noqa: E402
from training.steps import write_json, write_record  # noqa: E402

HOSTILE = "\"'><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>"


class Page(html.parser.HTMLParser):
    """What a page fetches, runs and says."""

    def __init__(self, content):
        super().__init__()
        self.tags, self.attributes, self.styles, self.said = [], [], [], []
        self.feed(content)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attributes]

    def handle_data(self, data):
        (self.styles if self.tags and self.tags[-1] == "style" else self.said).append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.said).split())

    def values(self, *names):
        return [value for _, name, value in self.attributes if name in names]


def pictures(count, seed):
    rng = np.random.default_rng(seed)

    def made(place):
        emotion = Emotion(place % 8)
        pixels = rng.normal(20 + 28 * int(emotion), 10, (16, 16)).clip(0, 255).astype(np.uint8)
        return Sample(name=f"{place}{HOSTILE}", label=emotion, target=one_hot(emotion), read=lambda: pixels)

    return Split("made", [made(place) for place in range(count)])


def figures():
    rng = np.random.default_rng(1)
    true = np.arange(400) % 8
    scores = rng.dirichlet(np.ones(8), 400).astype(np.float32)
    scores[np.arange(400), true] += 0.5 * (true < 5)
    return measure(scores / scores.sum(axis=1, keepdims=True), true).to_dict()


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


def write(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def without_data(name="bare"):
    config = Config(name=name)
    config.data.root = "no-such-folder"
    return config


# -- the file


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


def test_a_network_that_ends_in_a_single_place_has_no_attention_to_show(tmp_path):
    root = tmp_path / "condensed"
    condense(pictures(8, 1), root / "valid", size=44, channels=1, source="made")
    config = Config(name="single")
    config.network.architecture, config.network.input_size, config.data.root = "new-base", 44, str(root)
    best = tmp_path / "runs" / "train" / "best.pt"
    averaged = build_network(config).state_dict()
    save_checkpoint(best, {"config": config.to_dict(), "averaged": averaged})
    found = look_inside(config, tmp_path / "runs")
    assert found.attention == []
    assert "single place" in found.no_attention
    assert [row.block.title for row in found.graph][-1] == "linear"


# -- what is missing


def test_what_was_not_run_is_said(tmp_path):
    write(tmp_path, "train/log.jsonl", '{"epoch": 1, "loss": 2.0, "accuracy": 0.25, "mean_recall": 0.2}\n')
    text = Page(write_report(without_data(), tmp_path).read_text(encoding="utf-8")).text
    for expected in (
        "The model was not evaluated",
        "The tune step was not run.",
        "No pre-training.",
        "No other runs were named",
        "No readings were kept during training.",
        "no such checkpoint",
        "There are no weights yet.",
    ):
        assert expected in text
    assert text.count("not run") >= 5


def test_a_run_that_left_nothing_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"nothing to report on yet; run the train step first"):
        write_report(without_data(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_refuses_leaves_the_earlier_report(tmp_path):
    write(tmp_path, "train/log.jsonl", '{"epoch": 1, "loss": 2.0}\n')
    config = without_data()
    config.report.path = str(tmp_path / "place")
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "kept").touch()
    with pytest.raises(DataError, match=r"place: cannot write the report"):
        write_report(config, tmp_path)
    assert (tmp_path / "place" / "kept").exists()
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '"text"', "[1, 2]", '{"a": NaN}', "\x00"])
def test_damaged_files_are_missing_ones(tmp_path, damage):
    write(tmp_path, "train/log.jsonl", '{"epoch": 1, "loss": 2.0}\nhalf a li')
    for name in ("config.json", "evaluate.json", "export.json", "tune/results.json", "steps/train.json"):
        write(tmp_path, name, damage)
    write(tmp_path, "train/readings.jsonl", damage)
    assert (
        "not evaluated" in write_report(without_data(), tmp_path).read_text(encoding="utf-8") or damage == '{"a": NaN}'
    )


_KEYS = ["accuracy", "columns", "groups", "gaps", "interval", "found"]
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats() | st.sampled_from(["", "text", HOSTILE]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(key=st.sampled_from(sorted([*figures(), "interval", "groups", "end_to_end", "valence_arousal", "int8", "split",
                                   "provider", "temperature", "calibration_error_before_temperature",
                                   "data_fingerprint"])), value=_ANYTHING)  # fmt: skip
@settings(max_examples=15, deadline=None, derandomize=True)
def test_whatever_an_evaluation_holds_the_report_is_written(tmp_path_factory, key, value):
    folder = tmp_path_factory.mktemp("odd")
    write(folder, "evaluate.json", json.dumps({**figures(), key: value}))
    content = write_report(without_data(), folder).read_text(encoding="utf-8")
    assert "<script" not in content
    assert "Confusion and classes" in content


_FILES = {
    "tune/results.json": ["conditions", "factors", "joint", "rows", "setting", "state", "value", "importance"],
    "export.json": ["files", "path", "bytes", "figures", "parity"],
    "config.json": ["name", "network", "train", "data", "pretrain", "architecture", "input_size", "options"],
    "steps/train.json": ["command", "seconds", "finished"],
}


@given(name=st.sampled_from(sorted(_FILES)), drawn=st.data())
@settings(max_examples=15, deadline=None, derandomize=True)
def test_whatever_the_other_files_hold_the_report_is_written(tmp_path_factory, name, drawn):
    folder = tmp_path_factory.mktemp("odd")
    keys = st.sampled_from(_FILES[name])
    leaf = st.sampled_from([None, True, -1, 2.5, float("inf"), "complete", "compact", HOSTILE, 10**400])
    inner = st.recursive(leaf, lambda each: st.lists(each, max_size=3) | st.dictionaries(keys, each), max_leaves=12)
    write(folder, name, json.dumps(drawn.draw(st.dictionaries(keys, inner))))
    row = st.dictionaries(st.sampled_from(["epoch", "accuracy", "loss", "place", "label", "true", "scores"]), inner)
    write(folder, "train/log.jsonl", json.dumps({"epoch": 1, "loss": 2.0}) + "\n" + json.dumps(drawn.draw(row)))
    write(folder, "train/readings.jsonl", json.dumps({"label": "fear", "true": "fear", **drawn.draw(row)}))
    config = without_data()
    config.report.compare = [str(folder)]
    assert "<script" not in write_report(config, folder).read_text(encoding="utf-8")


# -- the parts


def check(**changed):
    values = {"bins": [], "count": 1000, "accuracy": 0.8, "confidence": 0.8, "train_count": 500, "train_accuracy": 0.81}
    return SecondCheck(**{**values, **changed})


def evaluation(**changed):
    confusion = np.zeros((8, 8), int)
    confusion[0, 0], confusion[1, 1], confusion[5, 5], confusion[5, 6] = 60, 25, 3, 12
    recall = {"neutral": 1.0, "happiness": 1.0, "disgust": 0.2}
    return {
        "count": 100, "accuracy": 0.88, "mean_recall": 0.7333, "calibration_error": 0.02, "recall": recall,
        "precision": recall, "confusion": confusion.tolist(), "split": "test", **changed,
    }  # fmt: skip


def said(*arguments):
    return " ".join(verdict(*arguments)).replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_the_verdict_names_the_weak_classes_and_the_baseline():
    text = said(evaluation(), None, Config())
    assert text.startswith(
        "88.0 % of 100 pictures are read right, where always answering neutral would give 60.0 %. "
        "Counting every class alike it is 73.3 %."
    )
    assert "Weakest: disgust (20 % of 15); there are so few pictures of disgust that this is rough." in text
    assert "The most frequent mistake: 80 % of disgust is taken for anger." in text
    assert "slightly kind" not in text


def test_the_verdict_is_hard_on_what_learned_nothing_and_on_the_split_that_chose_it():
    text = said(evaluation(accuracy=0.55, split="valid"), None, Config())
    assert "would give 60.0 %: it has learned nothing of use" in text
    assert text.endswith("these figures are slightly kind.")
    assert "which may be chance" in said(evaluation(interval={"accuracy": [0.59, 0.95]}), None, Config())
    assert "which may be chance" not in said(evaluation(interval={"accuracy": [0.61, 0.95]}), None, Config())


@pytest.mark.parametrize(
    ("error", "confidence", "expected"),
    [
        (0.02, 0.8, "can be taken at its word: it is off by 2.0 points on average."),
        (0.05, 0.86, "Its confidence is off by 5.0 points on average, it is too sure of itself."),
        (
            0.09,
            0.7,
            "cannot be taken at its word: it is off by 9.0 points on average, it is right more often than it says.",
        ),
    ],
)
def test_the_verdict_on_confidence(error, confidence, expected):
    assert expected in said(evaluation(calibration_error=error), check(confidence=confidence), Config())


@pytest.mark.parametrize(
    ("learned", "expected"),
    [
        (0.65, "has not learned these either"),
        (0.81, "carries over"),
        (0.86, "6.0 points more than of new ones: some over-fitting"),
        (0.95, "heavy over-fit"),
    ],
)
def test_the_verdict_on_over_fitting(learned, expected):
    assert expected in said(evaluation(), check(train_accuracy=learned), Config())


def test_there_is_no_verdict_without_figures():
    assert verdict({}, check(), Config()) == []


def test_the_chosen_epoch_is_the_first_with_the_best_mean():
    rows = [(1, 0.5, 0.3), (2, 0.7, 0.4), (3, 0.6, 0.5), (4, 0.9, None)]
    log = [{"epoch": epoch, "accuracy": accuracy, "mean_recall": recall} for epoch, accuracy, recall in rows]
    assert best_epoch(log) == 2
    assert best_epoch([]) is None


def test_reliability_is_counted_in_tenths_of_confidence():
    confidence = np.array([0.05, 0.31, 0.39, 0.95, 1.0], np.float32)
    bins = reliability(confidence, np.array([False, True, False, True, True]))
    assert [number for *_, number in bins] == [1, 0, 0, 2, 0, 0, 0, 0, 0, 2]
    assert [right for _, _, right, _ in bins][::3] == [0.0, 0.5, None, 1.0]


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


def test_sweeps_stand_beside_the_reports_figures():
    rows = [
        {"state": "complete", "value": 32, "accuracy": 0.5, "mean_recall": 0.4},
        {"state": "complete", "value": 16, "accuracy": 0.6, "mean_recall": 0.4},
        {"state": "failed", "value": 7, "reason": "no memory"},
    ]
    (sweep,) = sweeps_of({"factors": [{"setting": "train.batch_size", "rows": rows}]})
    assert [(tried.shown, tried.theirs, tried.chosen, tried.best) for tried in sweep.tried] == [
        ("32", 0.3664, True, False),
        ("16", 0.3755, False, True),
        ("7", None, False, False),
    ]
    assert sweep.tried[2].note == "failed: no memory"
    assert sweep.chart is not None


def test_the_joint_search_lists_its_best_trials_first():
    rows = [
        {"state": "complete", "settings": {"train.learning_rate": 0.1}, "accuracy": 0.3, "mean_recall": 0.3},
        {"state": "complete", "settings": {"train.learning_rate": 0.0200312}, "accuracy": 0.5, "mean_recall": 0.4},
        {"state": "pruned", "settings": {}},
    ]
    joint = joint_of({"joint": {"rows": rows, "importance": {"a": 0.1, "b": 0.9}}})
    assert [tried.shown for tried in joint.tried] == ["learning_rate 0.02", "learning_rate 0.1"]
    assert (joint.total, joint.pruned, joint.failed) == (3, 1, 0)
    assert [key for key, _ in joint.importance] == ["b", "a"]


def test_parameters_are_counted_from_settings():
    assert parameters_of({"architecture": "new-base", "input_size": 224, "colour": "bgr", "options": {}}) == 2_423_560
    assert parameters_of({"architecture": "unheard-of", "input_size": 48}) is None
    assert parameters_of({}) is None


def test_settings_are_shown_as_a_config_file_would_have_them():
    import tomllib

    config = Config(name="shown")
    config.pretrain.settings = {"epochs": 3, "loss": "sum"}
    config.tune.factors = {"train.momentum": [0.3, 0.9]}
    assert tomllib.loads(as_toml(config)) == config.to_dict()


# -- drawings and words


def numbers(pattern, drawing):
    return [tuple(map(float, found.groups())) for found in re.finditer(pattern, str(drawing))]


def test_a_line_rises_where_its_values_do_and_labels_do_not_lie_on_each_other():
    lines = [Line(label=name, points=[(1, 0.2), (2, end)], kind=1) for name, end in (("one", 0.5), ("two", 0.505))]
    drawing = line_chart("t", lines, str)
    ((x0, y0, x1, y1), *_) = numbers(r'class="line k1" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"', drawing)
    assert x1 > x0
    assert y1 < y0  # upwards
    heights = [y for _, y in numbers(r'class="k1" x="([\d.]+)" y="([\d.]+)"', drawing)]
    assert abs(heights[0] - heights[1]) >= 14


@pytest.mark.parametrize("values", [[0.0], [3.0], [-2.0, -2.0], [1e-9, 1e-9], [0.0, 0.0, 0.0]])
def test_flat_and_single_values_are_drawn_inside(values):
    points = [(float(place + 1), value) for place, value in enumerate(values)]
    drawing = line_chart("t", [Line(label="a", points=points, kind=1)], str)
    ((x, y),) = numbers(r'class="dot k1" cx="([\d.]+)" cy="([\d.]+)"', drawing)
    assert 0 < x < 460
    assert 0 < y < 250


def test_bars_of_the_reliability_diagram_are_as_high_as_the_share():
    drawing = reliability_chart([(0.0, 0.5, 0.25, 100), (0.5, 1.0, 1.0, 5), (0.9, 1.0, None, 0)])
    assert [height for (height,) in numbers(r'class="share[^"]*"[^>]*height="([\d.]+)"', drawing)] == [65.0, 260.0]
    assert str(drawing).count("share few") == 1


def test_drawings_escape_what_they_are_told():
    assert "<script" not in str(strip([(1, 0.5, HOSTILE)]))
    assert "<script" not in str(line_chart(HOSTILE, [Line(label=HOSTILE, points=[(1, 1)], kind=1)], lambda _: HOSTILE))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (words.percent(0.8484), "84.8 %"),
        (words.percent(-0.02), "−2.0 %"),
        (words.percent(float("nan")), "–"),
        (words.percent(True), "–"),
        (words.short(16_404_005_376), "16.4 G"),
        (words.short(999_600), "1,000 k"),
        (words.size(5_100_000), "5.1 MB"),
        (words.size(12), "12 bytes"),
        (words.duration(4321), "1 h 12 min"),
        (words.duration(59.6), "60 s"),
        (words.duration(8.13), "8.1 s"),
        (words.plain(1e-5), "0.00001"),
        (words.plain(0.65), "0.65"),
        (words.plain("sgd"), "sgd"),
        (words.listed(["a", "b", "c"]), "a, b and c"),
    ],
)
def test_numbers_as_a_reader_likes_them(shown, expected):
    assert shown.replace("\N{NARROW NO-BREAK SPACE}", " ") == expected


@given(st.floats(0, 1))
def test_a_percentage_can_be_read_back(share):
    assert float(words.percent(share).split("\N{NARROW NO-BREAK SPACE}")[0]) == pytest.approx(100 * share, abs=0.0501)


def test_every_label_has_its_colour_in_the_page(page):
    style = " ".join(page.styles)
    assert all(f".e{place} {{" in style for place in range(len(LABELS)))
