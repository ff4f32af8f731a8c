"""What a file gives beside its scores: valence and arousal that were learned, and exact attention."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="exporting needs PyTorch (extra train)")

import onnx  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from model.architectures import build  # noqa: E402
from model.backends.onnx import OnnxBackend  # noqa: E402
from model.backends.torch_cuda import TorchBackend  # noqa: E402
from model.card import METADATA_KEY, ModelCard  # noqa: E402
from model.classifier import Classifier  # noqa: E402
from model.emotions import derive_valence_arousal  # noqa: E402
from model.errors import ConfigError, ModelError  # noqa: E402
from model.export import export  # noqa: E402
from model.preprocess import prepare  # noqa: E402
from model.runtime import onnxruntime  # noqa: E402

TINY = {"stem": 4, "widths": [8, 8], "depths": [1, 1]}
CROPS = np.random.default_rng(0).integers(0, 255, (5, 20, 20, 3), dtype=np.uint8)


def card_of(architecture, *, size, **changes):
    options = TINY if architecture == "compact" else {}
    return replace(
        ModelCard(
            name="tiny",
            architecture=architecture,
            architecture_options=options,
            input_size=size,
            colour="gray",
            mean=(0.5,),
            std=(0.25,),
            temperature=1.3,
        ),
        **changes,
    )


def network_of(card):
    torch.manual_seed(1)
    both = card.valence_arousal == "learned"
    network = build(
        card.architecture,
        channels=1,
        input_size=card.input_size,
        valence_arousal=both,
        **card.architecture_options,
    )
    for layer in network.modules():  # as after training: no norm leaves things as they are
        if isinstance(layer, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(layer.weight, 0.5, 1.5)
            torch.nn.init.uniform_(layer.running_var, 0.5, 1.5)
            torch.nn.init.normal_(layer.running_mean)
    return network.eval()


@pytest.fixture(scope="module", params=["compact", "new-base"])
def whole(request, tmp_path_factory):
    """A model with all three outputs: its network, card and file."""
    card = card_of(request.param, size={"compact": 16, "new-base": 50}[request.param], valence_arousal="learned")
    path = tmp_path_factory.mktemp("heads") / "whole.onnx"
    assert export(network_of(card), card, path, attention=True) <= 1e-4
    return network_of(card), card, path


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


def test_attention_of_a_file_without_it_is_one_line(tmp_path):
    card = card_of("compact", size=16)
    export(network_of(card), card, tmp_path / "plain.onnx")
    classifier = Classifier.load(tmp_path / "plain.onnx")
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
def test_every_output_is_compared_with_pytorch(tmp_path, monkeypatch, output):
    import model.export as module

    card = card_of("compact", size=16, valence_arousal="learned")
    measured = module._parity

    def worse(*given):
        return measured(*given) | {output: 3e-4}

    monkeypatch.setattr(module, "_parity", worse)
    with pytest.raises(ModelError, match=r"not written.*3\.00e-04 in .*(arousal|attention)"):
        export(network_of(card), card, tmp_path / "x.onnx", attention=True)


def test_a_network_trained_in_half_precision_is_exported_in_full(tmp_path):
    card = card_of("compact", size=16)
    export(network_of(card).bfloat16(), card, tmp_path / "x.onnx")
    weights = onnx.load(tmp_path / "x.onnx").graph.initializer
    kinds = {item.data_type for item in weights if item.name.startswith("network.")}
    assert kinds == {TensorProto.FLOAT}


def test_batch_norms_join_their_convolutions_when_the_file_is_loaded(tmp_path):
    card = card_of("compact", size=16)
    export(network_of(card), card, tmp_path / "x.onnx")
    exported = onnx.load(tmp_path / "x.onnx")
    assert any(node.op_type == "BatchNormalization" for node in exported.graph.node)  # for the PyTorch back end
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    onnxruntime.InferenceSession(str(tmp_path / "x.onnx"), options, providers=["CPUExecutionProvider"])
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
