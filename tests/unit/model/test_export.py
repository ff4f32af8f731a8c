"""Export and loading: the file is the network, carries its card, and a bad one never replaces a good one."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="exporting needs PyTorch (extra train)")

import onnx  # noqa: E402
from onnx import TensorProto, helper  # noqa: E402
from tiny_models import CARD, OPTIONS, network_of  # noqa: E402

from model.architectures import build  # noqa: E402
from model.backends.torch_cuda import TorchBackend  # noqa: E402
from model.card import METADATA_KEY  # noqa: E402
from model.classifier import Classifier, find_model  # noqa: E402
from model.errors import ModelError  # noqa: E402
from model.export import export  # noqa: E402
from model.paths import models_folder  # noqa: E402

CARD_JSON = CARD.to_json()
CROPS = np.random.default_rng(0).integers(0, 255, (5, 20, 20, 3), dtype=np.uint8)


WIDER = {"stem": 16, "widths": [32, 64], "depths": [1, 1]}


@pytest.fixture(scope="module")
def exported(tiny_models):
    return tiny_models["derived"]


def test_the_file_gives_what_the_network_gives(exported):
    classifier = Classifier.load(exported, backend="onnx")
    from model.preprocess import prepare

    with torch.inference_mode():
        logits = network_of(CARD)(torch.from_numpy(prepare(CROPS, CARD)))
    expected = torch.softmax(logits / 1.3, dim=1).numpy()
    scores = classifier.predict(CROPS)
    assert scores.shape == (5, 8)
    assert scores.dtype == np.float32
    assert np.abs(scores - expected).max() <= 1e-4
    assert np.allclose(scores.sum(axis=1), 1, atol=1e-5)


@pytest.fixture(scope="module")
def half(tmp_path_factory):
    """A file whose weights lie in 16 bits, and the network that it was made of."""
    torch.manual_seed(1)
    network = build("compact", channels=1, input_size=16, **WIDER).eval()
    path = tmp_path_factory.mktemp("half") / "half.onnx"
    card = replace(CARD, architecture_options=WIDER)
    assert export(network, card, path, attention=True, half_weights=True) <= 1e-4
    return path, network


def test_weights_in_16_bits_halve_the_file_and_give_what_the_network_gives(half):
    from model.preprocess import prepare

    path, network = half
    in_32_bits = sum(4 * weight.numel() for weight in network.state_dict().values())  # a whole file has these, and more
    assert path.stat().st_size < 0.75 * in_32_bits  # biases, names and the card stay as they are
    with torch.inference_mode():
        logits = network(torch.from_numpy(prepare(CROPS, CARD)))
    scores = Classifier.load(path, backend="onnx").predict(CROPS)
    assert scores.dtype == np.float32
    assert np.abs(scores - torch.softmax(logits / 1.3, dim=1).numpy()).max() <= 1e-5


def test_the_other_readers_take_weights_in_16_bits_as_well(half, tmp_path):
    from model.backends.torch_cuda import TorchBackend
    from model.card import SCORES
    from model.preprocess import prepare
    from model.quantise import quantise

    path, _ = half
    pixels = prepare(CROPS, CARD)
    exact = Classifier.load(path, backend="onnx").predict(CROPS)
    assert np.abs(TorchBackend(path, device="cpu").run(pixels, [SCORES])[SCORES] - exact).max() <= 1e-5
    card = quantise(path, [pixels], tmp_path / "half-int8.onnx")
    assert card.precision == "int8"
    smaller = Classifier.load(tmp_path / "half-int8.onnx", backend="onnx").predict(CROPS)
    assert np.abs(smaller - exact).max() < 0.1


def test_a_weight_that_16_bits_cannot_hold_is_refused(tmp_path):
    network = build("compact", channels=1, input_size=16, **WIDER).eval()
    with torch.no_grad():
        network.stages[1].body[3].weight[0, 0, 0, 0] = 1e6
    card = replace(CARD, architecture_options=WIDER)
    with pytest.raises(ModelError, match="16 bits"):
        export(network, card, tmp_path / "wide.onnx", half_weights=True)
    assert not list(tmp_path.iterdir())


def test_the_card_comes_back_with_the_file(exported):
    assert Classifier.load(exported).card == CARD


def test_the_provider_is_the_one_that_runs(exported):
    assert Classifier.load(exported, backend="onnx").provider == "CPUExecutionProvider"


def test_no_crops_give_no_scores(exported):
    assert Classifier.load(exported).predict([]).shape == (0, 8)


def test_valence_and_arousal_are_derived_where_no_head_learned_them(exported):
    prediction = Classifier.load(exported).read(CROPS)
    assert prediction.valence_arousal.shape == (5, 2)
    assert CARD.valence_arousal == "derived"


def test_the_pytorch_back_end_reads_the_same_file(exported):
    ours = Classifier(TorchBackend(exported, device="cpu")).predict(CROPS)
    assert np.abs(ours - Classifier.load(exported).predict(CROPS)).max() <= 1e-4


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("count", [1, 3, 16, 17])
def test_on_cuda_a_recorded_batch_reads_as_the_cpu_does(exported, count):
    """Twice, the second time from the recording; sizes between the recorded ones are filled up."""
    from model.backends.torch_cuda import TorchBackend
    from model.card import SCORES

    cuda, cpu = (TorchBackend(exported, device=device) for device in ("cuda", "cpu"))
    for seed in range(2):
        size = (count, CARD.channels, CARD.input_size, CARD.input_size)
        pixels = np.random.default_rng(seed).normal(size=size).astype(np.float32)
        ours, theirs = (backend.run(pixels, [SCORES])[SCORES] for backend in (cuda, cpu))
        assert np.abs(ours - theirs).max() <= 1e-2  # half precision


def test_cuda_where_there_is_none_is_an_error_not_a_silent_fallback(exported):
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(ModelError, match=r"tiny\.onnx: no CUDA device"):
        Classifier.load(exported, backend="cuda")


@pytest.fixture
def made_before(exported, monkeypatch):
    """PyTorch's exporter takes seconds: where it is not under test, take what it made of the tiny network."""
    monkeypatch.setattr("model.export._to_onnx", lambda *_, **__: exported.read_bytes())


@pytest.mark.usefixtures("made_before")
def test_a_network_that_differs_in_onnx_is_not_written(tmp_path, monkeypatch):
    path = tmp_path / "kept.onnx"
    path.write_bytes(b"the good one")
    monkeypatch.setattr("model.export._parity", lambda *_: {"scores": 2e-4})
    with pytest.raises(ModelError, match=r"not written.*2\.00e-04"):
        export(network_of(CARD), CARD, path)
    assert path.read_bytes() == b"the good one"
    assert [file.name for file in tmp_path.iterdir()] == ["kept.onnx"]


@pytest.mark.usefixtures("made_before")
def test_parity_is_measured_against_the_network(tmp_path):
    # The graph was made from another network than the one that is compared: the check must see it.
    torch.manual_seed(5)
    other = build("compact", channels=1, input_size=16, **OPTIONS).eval()
    with pytest.raises(ModelError, match="differs from PyTorch"):
        export(other, CARD, tmp_path / "x.onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("made_before")
def test_parity_passes_the_network_that_the_graph_was_made_from(tmp_path):
    assert export(network_of(CARD), CARD, tmp_path / "x.onnx") <= 1e-4


def test_a_network_of_another_input_is_refused(tmp_path):
    network = build("compact", channels=3, input_size=16, **OPTIONS)
    with pytest.raises(ModelError, match="does not take the card's input"):
        export(network, CARD, tmp_path / "x.onnx")


def plain_model(*, outputs=8, name="scores", card=CARD_JSON):
    """A model file made by hand: one matrix product."""
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 1, 16, 16])
    out = helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", outputs])
    weight = helper.make_tensor("w", TensorProto.FLOAT, [256, outputs], [0.0] * 256 * outputs)
    flat = helper.make_node("Flatten", ["pixels"], ["flat"])
    nodes = [flat, helper.make_node("MatMul", ["flat", "w"], [name])]
    model = helper.make_model(
        helper.make_graph(nodes, "g", [pixels], [out], [weight]), opset_imports=[helper.make_opsetid("", 18)]
    )
    model.ir_version = 9
    if card is not None:
        model.metadata_props.add(key=METADATA_KEY, value=card)
    return model


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (plain_model(card=None), "no affectcam model card"),
        (plain_model(card=CARD.to_json().replace('"anger"', '"rage"')), "labels are .*rage.*expected"),
        (plain_model(outputs=7), r"outputs are .*7.*expected one called scores of \(n, 8\)"),
        (
            plain_model(card=CARD_JSON.replace('"derived"', '"learned"')),
            "card says that valence and arousal are learned",
        ),
        (plain_model(name="logits"), "expected one called scores"),
        (plain_model(card=CARD.to_json().replace('"input_size": 16', '"input_size": 32')), "its input is"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, model, expected):
    path = tmp_path / "model.onnx"
    onnx.save(model, str(path))
    with pytest.raises(ModelError, match=expected) as caught:
        Classifier.load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_a_truncated_file_is_refused(tmp_path, exported, share):
    path = tmp_path / "cut.onnx"
    whole = exported.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ModelError, match=r"cut\.onnx: (not a readable ONNX model|no affectcam model card)"):
        Classifier.load(path)


def test_a_missing_model_says_what_is_installed(tmp_path):
    with pytest.raises(ModelError, match=r"gone\.onnx: no such model file"):
        Classifier.load(tmp_path / "gone.onnx")
    with pytest.raises(ModelError, match="nonsense: no such model; installed: "):
        Classifier.load("nonsense")


def test_a_path_below_a_file_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match=r"x\.onnx: cannot be written"):
        export(network_of(CARD), CARD, tmp_path / "file" / "x.onnx")


def test_weights_in_another_file_are_never_read_from_elsewhere(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "secret.bin").write_bytes(b"\0" * 256 * 8 * 4)
    for where in ("../secret.bin", str(tmp_path / "secret.bin")):
        model = plain_model()
        weight = model.graph.initializer[0]
        weight.ClearField("float_data")
        weight.data_location = TensorProto.EXTERNAL
        weight.external_data.add(key="location", value=where)
        path = tmp_path / "models" / "model.onnx"
        path.write_bytes(model.SerializeToString())
        for load in (Classifier.load, lambda path: TorchBackend(path, device="cpu")):
            with pytest.raises(ModelError, match=r"model\.onnx: not a readable ONNX model .*lie in another file"):
                load(path)


def test_a_model_that_gives_no_probabilities_is_refused(tmp_path):
    onnx.save(plain_model(), str(tmp_path / "model.onnx"))  # its scores are all 0
    with pytest.raises(ModelError, match=r"scores are no probabilities .they sum to 0"):
        Classifier.load(tmp_path / "model.onnx").predict(CROPS)


def test_a_model_for_one_face_at_a_time_is_refused(tmp_path):
    model = plain_model()
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    onnx.save(model, str(tmp_path / "model.onnx"))
    with pytest.raises(ModelError, match="at a time only"):
        Classifier.load(tmp_path / "model.onnx")


def test_options_that_build_no_network_are_one_line(tmp_path):
    card = json.dumps(json.loads(CARD_JSON) | {"architecture_options": {"channels": 3}})
    onnx.save(plain_model(card=card), str(tmp_path / "model.onnx"))
    with pytest.raises(ModelError, match="names no network that can be built"):
        TorchBackend(tmp_path / "model.onnx", device="cpu")


def test_a_card_that_asks_for_a_large_network_is_refused_before_there_is_one(tmp_path, exported, monkeypatch):
    """Layers of 4,096 by 4,096 would take gigabytes; the file has the weights of a few hundred."""
    options = {"stem": 4096, "widths": [4096, 4096], "depths": [9, 9]}
    model = onnx.load(exported)
    del model.metadata_props[:]
    model.metadata_props.add(key=METADATA_KEY, value=replace(CARD, architecture_options=options).to_json())
    onnx.save(model, str(tmp_path / "model.onnx"))
    made = []
    monkeypatch.setattr("torch.nn.init.kaiming_uniform_", lambda weights, **_: made.append(weights.device.type))
    with pytest.raises(ModelError, match="do not fit architecture compact with the card's options"):
        TorchBackend(tmp_path / "model.onnx", device="cpu")
    assert set(made) == {"meta"}


def test_a_folder_called_like_a_model_is_not_in_its_way(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "compact").mkdir()
    assert find_model("compact") == models_folder() / "compact.onnx"
    (tmp_path / "other").mkdir()
    with pytest.raises(ModelError, match=r"other: no such model; installed: .*compact"):
        find_model("other")
