"""What may be in an .onnx file that affectcam loads: the parts of ONNX's messages that its own exports write, no more.

Numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. What is not named here is refused, so what
ONNX will gain one day is refused until someone has looked at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["int", "ints", "float", "floats", "doubles", "bytes", "part"]


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a message."""

    name: str
    kind: Kind
    many: bool = False
    of: str = ""  # the message that a "part" is

    @property
    def several(self) -> bool:
        """Whether the field may come more than once."""
        return self.many or self.kind in ("ints", "floats", "doubles")


def _text(name: str, *, many: bool = False) -> Part:
    return Part(name, "bytes", many)


_NOTES = Part("metadata_props", "part", True, "note")

PARTS: dict[str, dict[int, Part]] = {
    "model": {
        1: Part("ir_version", "int"),
        2: _text("producer_name"),
        3: _text("producer_version"),
        4: _text("domain"),
        5: Part("model_version", "int"),
        6: _text("doc_string"),
        7: Part("graph", "part", of="graph"),
        8: Part("opset_import", "part", True, "opset"),
        14: _NOTES,
    },
    "opset": {1: _text("domain"), 2: Part("version", "int")},
    "note": {1: _text("key"), 2: _text("value")},
    "graph": {
        1: Part("node", "part", True, "node"),
        2: _text("name"),
        5: Part("initializer", "part", True, "tensor"),
        10: _text("doc_string"),
        11: Part("input", "part", True, "value"),
        12: Part("output", "part", True, "value"),
        13: Part("value_info", "part", True, "value"),
        16: _NOTES,
    },
    "node": {
        1: _text("input", many=True),
        2: _text("output", many=True),
        3: _text("name"),
        4: _text("op_type"),
        5: Part("attribute", "part", True, "attribute"),
        6: _text("doc_string"),
        7: _text("domain"),
        9: _NOTES,
    },
    "attribute": {
        1: _text("name"),
        2: Part("f", "float"),
        3: Part("i", "int"),
        4: _text("s"),
        5: Part("t", "part", of="tensor"),
        7: Part("floats", "floats"),
        8: Part("ints", "ints"),
        9: _text("strings", many=True),
        13: _text("doc_string"),
        20: Part("type", "int"),
    },
    "tensor": {
        1: Part("dims", "ints"),
        2: Part("data_type", "int"),
        4: Part("float_data", "floats"),
        5: Part("int32_data", "ints"),
        7: Part("int64_data", "ints"),
        8: _text("name"),
        9: Part("raw_data", "bytes"),
        10: Part("double_data", "doubles"),
        12: _text("doc_string"),
        14: Part("data_location", "int"),
        16: _NOTES,
    },
    "value": {1: _text("name"), 2: Part("type", "part", of="type"), 3: _text("doc_string"), 4: _NOTES},
    "type": {1: Part("tensor_type", "part", of="tensor type")},
    "tensor type": {1: Part("elem_type", "int"), 2: Part("shape", "part", of="shape")},
    "shape": {1: Part("dim", "part", True, "dim")},
    "dim": {1: Part("dim_value", "int"), 2: _text("dim_param")},
}

#: What a field that is refused would have been, for the message.
REFUSED: dict[tuple[str, int], str] = {
    ("model", 20): "instructions for training",
    ("model", 25): "functions of its own",
    ("graph", 15): "sparse weights",
    ("attribute", 6): "a graph within the graph",
    ("attribute", 11): "graphs within the graph",
    ("attribute", 21): "a reference to a function's attribute",
    ("tensor", 6): "weights that are texts",
    ("tensor", 13): "weights that lie in another file",
    ("type", 4): "a sequence",
    ("type", 5): "a map",
}

#: What ``python -m training.run export`` writes, int8 included (tests/unit/model/test_model_file.py holds it to that).
EXPORTED = (
    "Add ArgMax AveragePool BatchNormalization Cast Concat Constant Conv DequantizeLinear Div Gather Gemm Max MaxPool "
    "Mul Pow QuantizeLinear Reciprocal ReduceMean ReduceSum Relu Reshape Shape Slice Softmax Sqrt Squeeze Sub Tanh"
)
#: Others that cost no more than what they are given. Not here: control flow, and what makes much of nothing (Expand,
# Tile, Pad, Resize, ConstantOfShape, Range, OneHot and their like).
ALSO_RUN = (
    "Abs CastLike Ceil Clip Dropout Elu Erf Exp Flatten Floor Gelu GlobalAveragePool GlobalMaxPool GroupNormalization "
    "HardSigmoid HardSwish Identity InstanceNormalization LayerNormalization LeakyRelu Log LogSoftmax MatMul Min Mish "
    "Neg PRelu ReduceMax ReduceMin Selu Sigmoid Softplus Softsign Split Sum Transpose Unsqueeze"
)
#: The operators that are run, all of the standard domain.
OPERATORS = frozenset(f"{EXPORTED} {ALSO_RUN}".split())

#: Bytes of one value, by ONNX's number of the type; no texts, no complex ones, none below eight bits.
VALUE_BYTES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}
#: The fields that a tensor's values may be written in, and the types that each is for.
WRITTEN_IN = {
    "raw_data": frozenset(VALUE_BYTES),
    "float_data": frozenset({1}),
    "int32_data": frozenset({2, 3, 4, 5, 6, 9, 10, 16}),
    "int64_data": frozenset({7}),
    "double_data": frozenset({11}),
}
