"""What a file gives beside its scores: valence and arousal that were learned, and exact attention."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="exporting needs PyTorch (extra train)")

import onnx  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from tiny_models import CARD, network_of  # noqa: E402
from tiny_models import OPTIONS as TINY  # noqa: E402

from model.architectures import build  # noqa: E402
from model.backends.onnx import OnnxBackend  # noqa: E402
from model.backends.torch_cuda import TorchBackend  # noqa: E402
from model.card import METADATA_KEY  # noqa: E402
from model.classifier import Classifier  # noqa: E402
from model.emotions import derive_valence_arousal  # noqa: E402
from model.errors import ConfigError, ModelError  # noqa: E402
from model.export import export  # noqa: E402
from model.preprocess import prepare  # noqa: E402
from model.runtime import onnxruntime  # noqa: E402

CROPS = np.random.default_rng(0).integers(0, 255, (5, 20, 20, 3), dtype=np.uint8)


def card_of(architecture, *, size, **changes):
    options = TINY if architecture == "compact" else {}
    return replace(
        CARD, **{"architecture": architecture, "architecture_options": options, "input_size": size, **changes}
    )


@pytest.fixture(scope="module", params=["compact", "new-base"])
def whole(request, tiny_models, tmp_path_factory):
    """A model with all three outputs: its network, card and file."""
    card = card_of(request.param, size={"compact": 16, "new-base": 50}[request.param], valence_arousal="learned")
    if request.param == "compact":
        return network_of(card), card, tiny_models["learned"]
    network = network_of(card).bfloat16()  # as a training in half precision leaves it
    path = tmp_path_factory.mktemp("heads") / "whole.onnx"
    assert export(network, card, path, attention=True) <= 1e-4
    return network, card, path


@pytest.fixture(scope="module", params=["onnx", "torch"])
def classifier(whole, request):
    return Classifier(OnnxBackend(whole[2]) if request.param == "onnx" else TorchBackend(whole[2], device="cpu"))


def test_valence_and_arousal_are_the_tanh_of_the_last_two_outputs(whole, classifier):
    network, card, _ = whole
    with torch.inference_mode():
        outputs = network(torch.from_numpy(prepare(CROPS, card)))
    read = classifier.read(CROPS)
    assert np.abs(read.valence_arousal - torch.tanh(outputs[:, 8:]).numpy()).max() <= 1e-5
    assert np.abs(read.scores - torch.softmax(outputs[:, :8] / 1.3, dim=1).numpy()).max() <= 1e-5
    assert np.abs(read.valence_arousal - derive_valence_arousal(read.scores)).max() > 0.01


def test_attention_and_the_bias_sum_to_the_winning_logit(whole, classifier):
    network, card, _ = whole
    with torch.inference_mode():
        logits = network(torch.from_numpy(prepare(CROPS, card))).numpy()[:, :8]
    read = classifier.read(CROPS, attention=True)
    winners = read.scores.argmax(axis=1)
    assert read.attention is not None
    assert read.attention.shape[1:] == ({"compact": (4, 4), "new-base": (2, 2)}[card.architecture])
    sums = read.attention.sum(axis=(1, 2)) + network.classify.bias.detach().numpy()[winners]
    assert np.abs(sums - logits[np.arange(5), winners]).max() <= 1e-5
    assert np.array_equal(winners, logits.argmax(axis=1))


def test_no_faces_have_no_attention(classifier):
    read = classifier.read([], attention=True)
    assert (len(read.scores), len(read.valence_arousal), len(read.attention)) == (0, 0, 0)


def test_what_is_not_asked_for_is_not_computed_into_the_answer(whole):
    asked = []

    class Spy(OnnxBackend):
        def run(self, pixels, outputs):
            asked.append(tuple(outputs))
            return super().run(pixels, outputs)

    classifier = Classifier(Spy(whole[2]))
    classifier.predict(CROPS)
    assert classifier.read(CROPS).attention is None
    classifier.read(CROPS, attention=True)
    assert asked == [("scores",), ("scores", "valence_arousal"), ("scores", "valence_arousal", "attention")]


def test_attention_of_a_file_without_it_is_one_line(tiny_models):
    classifier = Classifier.load(tiny_models["derived"])
    assert not classifier.gives_attention
    with pytest.raises(ModelError, match=r"^model tiny: exported without attention; .*export.attention=true$"):
        classifier.read(CROPS, attention=True)


def test_attention_of_a_network_with_hidden_layers_is_refused_and_nothing_written(tmp_path):
    card = card_of("basic-1", size=32)
    with pytest.raises(ConfigError, match="basic-1 has hidden layers"):
        export(network_of(card), card, tmp_path / "x.onnx", attention=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("said", "outputs"), [("learned", 8), ("derived", 10)])
def test_a_card_that_says_otherwise_than_the_network_is_refused(tmp_path, said, outputs):
    card = card_of("compact", size=16, valence_arousal=said)
    network = build("compact", channels=1, input_size=16, valence_arousal=outputs == 10, **TINY)
    with pytest.raises(ModelError, match=rf"gives \(2, {outputs}\) .*expected \(2, {18 - outputs}\).*{said}"):
        export(network, card, tmp_path / "x.onnx")


@pytest.mark.parametrize("output", ["valence_arousal", "attention"])
def test_every_output_is_compared_with_pytorch(tiny_models, tmp_path, monkeypatch, output):
    import model.export as module

    card = card_of("compact", size=16, valence_arousal="learned")
    measured = module._parity

    def worse(*given):
        return measured(*given) | {output: 3e-4}

    monkeypatch.setattr(module, "_to_onnx", lambda *_, **__: tiny_models["learned"].read_bytes())  # of this network
    monkeypatch.setattr(module, "_parity", worse)
    with pytest.raises(ModelError, match=r"not written.*3\.00e-04 in .*(arousal|attention)"):
        export(network_of(card), card, tmp_path / "x.onnx", attention=True)


def test_a_network_trained_in_half_precision_is_exported_in_full(whole):
    weights = onnx.load(whole[2]).graph.initializer
    kinds = {item.data_type for item in weights if item.name.startswith("network.")}
    assert kinds == {TensorProto.FLOAT}


def test_batch_norms_join_their_convolutions_when_the_file_is_loaded(tiny_models, tmp_path):
    exported = tiny_models["derived"]
    nodes = onnx.load(exported).graph.node
    assert any(node.op_type == "BatchNormalization" for node in nodes)  # for the PyTorch back end
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    onnxruntime.InferenceSession(str(exported), options, providers=["CPUExecutionProvider"])
    kinds = [node.op_type for node in onnx.load(tmp_path / "optimised.onnx").graph.node]
    assert "BatchNormalization" not in kinds
    assert kinds.count("Conv") == 7


def hand_made(shape):
    """A model with scores of one eighth each and an output called attention of ``shape``, the first side free."""
    card = card_of("compact", size=16, architecture_options={})
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 1, 16, 16])
    outputs = [
        helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 8]),
        helper.make_tensor_value_info("attention", TensorProto.FLOAT, ["n", *shape]),
    ]
    weights = [
        numpy_helper.from_array(np.zeros((256, 8), np.float32), "w"),
        numpy_helper.from_array(np.zeros((256, int(np.prod(shape))), np.float32), "v"),
        numpy_helper.from_array(np.array([-1, *shape], np.int64), "shape"),
    ]
    nodes = [
        helper.make_node("Flatten", ["pixels"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["scores"]),
        helper.make_node("MatMul", ["flat", "v"], ["places"]),
        helper.make_node("Reshape", ["places", "shape"], ["attention"]),
    ]
    model = helper.make_model(
        helper.make_graph(nodes, "g", [pixels], outputs, weights), opset_imports=[helper.make_opsetid("", 18)]
    )
    model.ir_version = 9
    model.metadata_props.add(key=METADATA_KEY, value=card.to_json())
    return model


@pytest.mark.parametrize(("shape", "fits"), [((4, 4), True), ((8,), False), ((2, 4, 4), False), ((17, 4), False)])
def test_attention_of_another_shape_is_refused(tmp_path, shape, fits):
    onnx.save(hand_made(shape), str(tmp_path / "model.onnx"))
    if fits:
        assert Classifier.load(tmp_path / "model.onnx").read(CROPS, attention=True).attention.shape == (5, *shape)
        return
    with pytest.raises(ModelError, match=r"model\.onnx: its output attention is .*expected \(n, h, w\)"):
        Classifier.load(tmp_path / "model.onnx")
