"""A model file is looked at before anything is made of it: what our exports hold passes, anything else is told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

onnx = pytest.importorskip("onnx", reason="crafting model files needs onnx (extra train)")

from brightness_model import write_brightness_model  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from model import model_file, shipped  # noqa: E402
from model.classifier import Classifier  # noqa: E402
from model.errors import ModelError  # noqa: E402
from model.model_file import check, read_model_file  # noqa: E402
from model.onnx_parts import ALSO_RUN, EXPORTED, OPERATORS  # noqa: E402
from model.paths import assets_folder, models_folder  # noqa: E402


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A small model file that loads."""
    return write_brightness_model(tmp_path_factory.mktemp("models") / "good.onnx").read_bytes()


def model_of(content):
    return onnx.load_model_from_string(content)


@pytest.mark.parametrize("name", ["compact", "compact-int8", "new-base", "new-base-int8"])
def test_the_shipped_files_hold_nothing_that_is_refused(name):
    content = (models_folder() / f"{name}.onnx").read_bytes()
    check(content)
    assert {node.op_type for node in model_of(content).graph.node} <= set(EXPORTED.split())


@pytest.mark.slow
@pytest.mark.parametrize("both", [False, True], ids=["plain", "all outputs"])
@pytest.mark.parametrize(
    ("name", "size"), [("basic-1", 48), ("basic-2", 80), ("new-1", 50), ("new-base", 50), ("compact", 32)]
)
def test_every_architecture_exports_nothing_that_is_refused(tmp_path, name, size, both):
    pytest.importorskip("torch", reason="exporting needs PyTorch (extra train)")
    from model.architectures import build
    from model.card import ModelCard
    from model.export import export
    from model.quantise import quantise

    options = {"standardise": True} if name == "compact" and both else {}
    network = build(name, channels=1, input_size=size, valence_arousal=both, **options).eval()
    card = ModelCard(
        name=name,
        architecture=name,
        architecture_options=options,
        input_size=size,
        colour="gray",
        mean=(0.5,),
        std=(0.25,),
        valence_arousal="learned" if both else "derived",
    )
    attention = both and not name.startswith("basic")
    export(network, card, tmp_path / "a.onnx", attention=attention, half_weights=both)
    quantise(tmp_path / "a.onnx", [np.zeros((8, 1, size, size), np.float32)], tmp_path / "a-int8.onnx")
    for file in (tmp_path / "a.onnx", tmp_path / "a-int8.onnx"):
        assert {node.op_type for node in onnx.load(file).graph.node} <= set(EXPORTED.split())
        Classifier.load(file)


def test_all_operators_are_of_the_standard():
    assert len(EXPORTED.split() + ALSO_RUN.split()) == len(OPERATORS)
    assert {onnx.defs.get_schema(name).name for name in OPERATORS} == OPERATORS


def with_subgraph(model):
    branch = helper.make_graph([helper.make_node("Identity", ["flat"], ["x"])], "b", [], [])
    model.graph.node.add().CopyFrom(helper.make_node("Identity", ["flat"], ["y"], body=branch))


def with_loop(model):
    body = helper.make_graph([], "b", [], [])
    model.graph.node.add().CopyFrom(helper.make_node("Loop", ["", ""], ["y"], body=body))


def with_function(model):
    model.functions.add(name="f", domain="here").node.add().CopyFrom(helper.make_node("Relu", ["a"], ["b"]))


def with_external(model):
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL
    model.graph.initializer[0].external_data.add(key="location", value="/etc/passwd")


def with_location_alone(model):
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL


def with_external_in_an_attribute(model):
    tensor = numpy_helper.from_array(np.zeros(3, np.float32))
    tensor.external_data.add(key="location", value="../secret")
    model.graph.node.add().CopyFrom(helper.make_node("Constant", [], ["c"], value=tensor))


def with_foreign_operator(model):
    model.graph.node.add().CopyFrom(helper.make_node("Gelu", ["flat"], ["y"], domain="com.microsoft"))


def with_foreign_set(model):
    model.opset_import.add(domain="somebody.custom", version=1)


def with_texts(model):
    model.graph.initializer.add().CopyFrom(helper.make_tensor("t", TensorProto.STRING, [1], [b"hello"]))


def with_sparse(model):
    values = helper.make_tensor("v", TensorProto.FLOAT, [1], [1.0])
    model.graph.sparse_initializer.add().CopyFrom(
        helper.make_sparse_tensor(values, helper.make_tensor("i", TensorProto.INT64, [1], [0]), [2**40])
    )


def with_whole_numbers_divided(model):
    least = helper.make_tensor("least", TensorProto.INT32, [1], [-(2**31)])
    model.graph.initializer.extend([least, helper.make_tensor("minus", TensorProto.INT32, [1], [-1])])
    model.graph.node.add().CopyFrom(helper.make_node("Div", ["least", "minus"], ["trap"]))


def with_pixels_divided_as_whole_numbers(model):
    nodes = [
        helper.make_node("Cast", ["pixels"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Relu", ["whole"], ["positive"]),
        helper.make_node("Div", ["positive", "whole"], ["trap"]),
    ]
    model.graph.node.extend(nodes)


def with_something_unknown_divided(model):
    model.graph.node.insert(0, helper.make_node("Div", ["later", "later"], ["y"]))


def with_training(model):
    model.training_info.add()


def with_more_room_than_values(model):
    model.graph.initializer.add(name="w", data_type=TensorProto.FLOAT, dims=[2**20], raw_data=b"\0" * 4)


def with_no_values(model):
    model.graph.initializer.add(name="w", data_type=TensorProto.FLOAT, dims=[2**20])


def with_many_axes(model):
    model.graph.initializer.add(name="w", data_type=TensorProto.FLOAT, dims=[1] * 9, raw_data=b"\0" * 4)


def with_negative_side(model):
    model.graph.initializer.add(name="w", data_type=TensorProto.FLOAT, dims=[-1, -1], raw_data=b"\0" * 4)


def with_absurd_input(model):
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_value = 2**40


def with_absurd_value(model):
    model.graph.value_info.add().CopyFrom(helper.make_tensor_value_info("x", TensorProto.FLOAT, [2**15, 2**15]))


def with_wide_window(model):
    model.graph.node.add().CopyFrom(helper.make_node("MaxPool", ["pixels"], ["y"], kernel_shape=[2**20, 2**20]))


def with_negative_border(model):
    model.graph.node.add().CopyFrom(
        helper.make_node("MaxPool", ["pixels"], ["y"], kernel_shape=[3, 3], pads=[-1, 0, 0, 0])
    )


def with_two_cards(model):
    model.metadata_props.add().CopyFrom(model.metadata_props[0])


def with_much_of_nothing(model):
    model.graph.node.add().CopyFrom(helper.make_node("ConstantOfShape", ["shape"], ["y"]))


def with_too_many(model):
    for _ in range(model_file.MOST_NODES):
        model.graph.node.add(op_type="Relu")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (with_subgraph, "a graph within the graph"),
        (with_loop, "a graph within the graph"),
        (with_function, "functions of its own"),
        (with_external, "lie in another file"),
        (with_location_alone, "lie in another file"),
        (with_external_in_an_attribute, "lie in another file"),
        (with_foreign_operator, "operator 'Gelu' is one of 'com.microsoft'"),
        (with_foreign_set, "operators of 'somebody.custom'"),
        (with_texts, "weights that are texts"),
        (with_sparse, "sparse weights"),
        (with_training, "instructions for training"),
        (with_whole_numbers_divided, "divides whole numbers"),
        (with_pixels_divided_as_whole_numbers, "divides whole numbers"),
        (with_something_unknown_divided, "divides whole numbers"),
        (with_more_room_than_values, "'w' hold another number of values than their shape says, 1048576"),
        (with_no_values, "another number of values"),
        (with_many_axes, "has the shape"),
        (with_negative_side, "has the shape"),
        (with_absurd_input, "value 'pixels' has the shape"),
        (with_absurd_value, "value 'x' has the shape"),
        (with_wide_window, "has kernel_shape of"),
        (with_negative_border, "has pads of"),
        (with_two_cards, "two model cards"),
        (with_much_of_nothing, "operator 'ConstantOfShape' is none"),
        (with_too_many, "at most 10000"),
    ],
)
def test_what_no_export_of_ours_holds_is_refused_by_name(tmp_path, good, change, reason):
    model = model_of(good)
    change(model)
    path = tmp_path / "crafted.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=reason) as caught:
        Classifier.load(path)
    assert str(caught.value).startswith(f"{path}: not a readable ONNX model")
    assert "\n" not in str(caught.value)


def test_a_file_that_says_something_twice_is_refused(good):
    model = model_of(good)
    other = onnx.ModelProto(graph=model.graph)
    with pytest.raises(ValueError, match="its model says graph twice"):
        check(good + other.SerializeToString())


def test_a_name_that_is_no_text_is_refused(good):
    with pytest.raises(ValueError, match="its name is no text"):
        check(good.replace(b"brightness", b"brightnes\xff", 1))


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.float16, np.int8, np.uint8, np.int32, np.int64, np.bool_])
@pytest.mark.parametrize("raw", [True, False])
def test_weights_pass_however_they_are_written(good, kind, raw):
    model, values = model_of(good), np.array([[0, 1, 1], [1, 0, 100]], np.float64).astype(kind)
    if raw:
        tensor = numpy_helper.from_array(values, "t")
    else:
        tensor = helper.make_tensor("t", helper.np_dtype_to_tensor_dtype(values.dtype), [2, 3], values.ravel().tolist())
    model.graph.initializer.add().CopyFrom(tensor)
    check(model.SerializeToString())
    model.graph.initializer[-1].dims[0] = 3
    with pytest.raises(ValueError, match="another number of values"):
        check(model.SerializeToString())


@given(st.binary(max_size=400))
def test_no_bytes_give_anything_but_a_reason(content):
    with pytest.raises(ValueError, match=r".+"):
        check(content)


def test_too_large_a_file_is_refused_without_reading_it_all(tmp_path, monkeypatch):
    monkeypatch.setattr(model_file, "MOST_BYTES", 2**20)
    path = tmp_path / "large.onnx"
    with path.open("wb") as file:
        file.truncate(2**36)  # sparse: takes no room
    with pytest.raises(ModelError, match=r"large\.onnx: larger than 1 MB"):
        read_model_file(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.onnx")
    with pytest.raises(ModelError, match="no such model file"):
        read_model_file(tmp_path / "pipe.onnx")


def test_a_shipped_file_that_was_altered_is_refused(tmp_path, monkeypatch):
    assets = tmp_path / "assets"
    shutil.copytree(assets_folder() / "models", assets / "models")
    shutil.copy(assets_folder() / shipped.LIST, assets)
    monkeypatch.setattr(shipped, "assets_folder", lambda: assets)
    file = assets / "models" / "compact-int8.onnx"
    assert Classifier.load(file).card.name == "compact-int8"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(ModelError, match=r"compact-int8\.onnx: not the file that was shipped; install affectcam again"):
        Classifier.load(file)
    assert "models/compact-int8.onnx" in shipped.altered_files()


def test_the_list_of_hashes_is_that_of_the_files(project_root, monkeypatch):
    monkeypatch.syspath_prepend(str(project_root / "scripts"))
    from list_hashes import listed

    assert (assets_folder() / shipped.LIST).read_text(encoding="utf-8") == listed(), "run scripts/list_hashes.py"
    assert shipped.altered_files() == []


HUNGRY = """
import os, sys
os.sysconf = lambda name: 1  # a machine of one byte: the least bound holds
import numpy as np
from model.classifier import Classifier
from model.errors import ModelError
classifier = Classifier.load(sys.argv[1], backend="onnx")
try:
    classifier.predict([np.zeros((8, 8, 3), np.uint8)])
except ModelError as error:
    print(error)
with open("/proc/self/status") as status:
    print(next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM:")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux about memory")
def test_a_graph_that_asks_for_gigabytes_is_one_line_and_takes_none(tmp_path, good, project_root):
    """Two small weights whose sum has 28,000 times 28,000 values; no shape in the file says so."""
    model, side = model_of(good), 28_000
    for name, shape in (("column", (side, 1)), ("row", (1, side))):
        model.graph.initializer.add().CopyFrom(numpy_helper.from_array(np.zeros(shape, np.float32), name))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(
        [
            helper.make_node("Add", ["column", "row"], ["large"]),
            helper.make_node("ReduceSum", ["large"], ["nought"], keepdims=0),
            *nodes[:-1],
            helper.make_node("Add", ["scaled", "nought"], ["as before"]),
            helper.make_node("Softmax", ["as before"], ["scores"], axis=1),
        ]
    )
    path = tmp_path / "hungry.onnx"
    path.write_bytes(model.SerializeToString())
    words = [sys.executable, "-c", HUNGRY, str(path)]
    done = subprocess.run(words, cwd=project_root, capture_output=True, text=True, timeout=100, check=True)
    said, peak = done.stdout.splitlines()
    assert said.startswith(f"{path}: fails on 1 face(s)")
    assert int(peak) < 1000
