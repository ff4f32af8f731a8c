"""int8: nearly the same scores from a smaller file, with a card of its own, whole or not at all."""

from __future__ import annotations

import tempfile

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="exporting needs PyTorch (extra train)")

import onnx  # noqa: E402
from onnx import numpy_helper  # noqa: E402

from model.architectures import build  # noqa: E402
from model.backends.torch_cuda import TorchBackend  # noqa: E402
from model.card import ModelCard  # noqa: E402
from model.classifier import Classifier  # noqa: E402
from model.errors import ModelError  # noqa: E402
from model.export import export  # noqa: E402
from model.preprocess import prepare  # noqa: E402
from model.quantise import quantise  # noqa: E402

OPTIONS = {"stem": 8, "widths": [16, 32], "depths": [1, 1]}
CARD = ModelCard(
    name="tiny",
    architecture="compact",
    architecture_options=OPTIONS,
    input_size=24,
    colour="gray",
    mean=(0.5,),
    std=(0.25,),
    valence_arousal="learned",
    figures={"valid accuracy": 0.8},
    commands={"valid accuracy": "measured"},
)
CROPS = np.random.default_rng(0).integers(0, 255, (48, 24, 24), dtype=np.uint8)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A network as after training, with all outputs, in fp32 and in int8."""
    torch.manual_seed(0)
    network = build("compact", channels=1, input_size=24, valence_arousal=True, **OPTIONS)
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(layer.weight, 0.5, 1.5)
    network.train()
    with torch.no_grad():
        for _ in range(30):  # the norms learn what pictures are like
            network(torch.from_numpy(prepare(CROPS, CARD)))
    torch.nn.init.normal_(network.classify.weight, std=2)
    folder = tmp_path_factory.mktemp("int8")
    export(network, CARD, folder / "tiny.onnx", attention=True)
    quantise(folder / "tiny.onnx", np.split(prepare(CROPS, CARD), 6), folder / "tiny-int8.onnx")
    return folder / "tiny.onnx", folder / "tiny-int8.onnx"


def test_it_reads_nearly_as_the_fp32_file_does(files):
    exact, small = (Classifier.load(file, backend="onnx").read(CROPS, attention=True) for file in files)
    assert exact.scores.max(axis=1).std() > 0.05  # these faces are not all alike to it
    differences = np.abs(small.scores - exact.scores)
    assert 0 < differences.mean() < 0.01
    assert (small.scores.argmax(axis=1) == exact.scores.argmax(axis=1)).mean() >= 0.9
    assert np.abs(small.valence_arousal - exact.valence_arousal).max() < 0.2
    assert np.corrcoef(small.attention.ravel(), exact.attention.ravel())[0, 1] > 0.99


def test_its_card_says_int8_and_keeps_no_figure_of_the_fp32_file(files):
    card = Classifier.load(files[1]).card
    assert (card.name, card.precision, card.figures, card.commands) == ("tiny-int8", "int8", {}, {})
    assert (card.architecture, card.temperature, card.labels) == (CARD.architecture, CARD.temperature, CARD.labels)


def test_the_first_convolution_and_the_last_layer_stay_exact(files):
    exact, small = ({item.name: item for item in onnx.load(file).graph.initializer} for file in files)
    for name in ("network.classify.weight", "network.classify.bias"):
        assert np.array_equal(numpy_helper.to_array(small[name]), numpy_helper.to_array(exact[name]))
    first = [node for node in onnx.load(files[1]).graph.node if "pixels" in node.input]
    assert [node.op_type for node in first] == ["Conv"]


def test_products_of_two_weights_fit_16_bits_on_any_processor(files):
    # Without VNNI two products of uint8 and int8 are added in int16, which saturates silently.
    weights = [numpy_helper.to_array(item) for item in onnx.load(files[1]).graph.initializer]
    convolutions = [array for array in weights if array.dtype == np.int8 and array.ndim == 4]
    assert len(convolutions) == 6
    assert all(2 * 255 * np.abs(array.astype(int)).max() <= 32_767 for array in convolutions)


def test_weights_are_scaled_per_channel(files):
    initializers = {item.name: item for item in onnx.load(files[1]).graph.initializer}
    scales = [numpy_helper.to_array(item) for name, item in initializers.items() if name.endswith("weight_scale")]
    assert scales
    assert all(scale.shape in ((16,), (32,)) for scale in scales)


def test_the_pytorch_back_end_says_what_runs_it(files):
    with pytest.raises(ModelError, match="int8 file runs with --backend onnx only"):
        TorchBackend(files[1], device="cpu")


def test_hidden_linear_layers_are_quantised_too(tmp_path):
    card = ModelCard(name="b", architecture="basic-1", input_size=40, colour="gray", mean=(0.5,), std=(0.25,))
    torch.manual_seed(0)
    export(build("basic-1", channels=1, input_size=40), card, tmp_path / "b.onnx")
    pictures = np.random.default_rng(0).normal(size=(16, 1, 40, 40)).astype(np.float32)
    quantise(tmp_path / "b.onnx", [pictures], tmp_path / "b-int8.onnx")
    kinds = {
        item.name: numpy_helper.to_array(item).dtype.name
        for item in onnx.load(tmp_path / "b-int8.onnx").graph.initializer
    }
    assert kinds["network.hidden.0.weight_quantized"] == kinds["network.hidden.2.weight_quantized"] == "int8"
    assert kinds["network.classify.weight"] == "float32"


def test_nothing_is_left_when_there_are_no_pictures(files, tmp_path, monkeypatch):
    scratch, out = tmp_path / "scratch", tmp_path / "out"
    scratch.mkdir()
    out.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    (out / "kept.onnx").write_bytes(b"the good one")
    with pytest.raises(ModelError, match=r"tiny\.onnx: int8 needs pictures"):
        quantise(files[0], [], out / "kept.onnx")
    assert (out / "kept.onnx").read_bytes() == b"the good one"
    assert [file.name for file in out.iterdir()] == ["kept.onnx"]
    assert list(scratch.iterdir()) == []


def test_pictures_of_another_size_are_one_line(files, tmp_path):
    wrong = np.zeros((8, 1, 20, 20), np.float32)
    with pytest.raises(ModelError, match=r"tiny\.onnx: cannot be quantised") as caught:
        quantise(files[0], [wrong], tmp_path / "x.onnx")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "x.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"x\.onnx: not a readable ONNX model"):
        quantise(tmp_path / "x.onnx", [], tmp_path / "y.onnx")
