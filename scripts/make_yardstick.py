"""Write ``assets/yardstick.onnx``: the report's New-Base (fp32, 224x224) without weights, for ``affectcam bench``.

``python scripts/make_yardstick.py`` (needs the extra ``train``). The weights are nodes that fill themselves with one
number when the file is loaded: 3 kB instead of 10 MB, and the same time a run.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import onnx
from measure_speed import export_yardstick
from onnx import helper, numpy_helper

from model.paths import assets_folder

_SMALL = 64  # values; below it a tensor stays as it is
_FILL = 0.01


def emptied(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with its large weights filled at loading."""
    graph = model.graph
    large = [item for item in graph.initializer if np.prod(item.dims) > _SMALL]
    nodes = []
    for item in large:
        graph.initializer.remove(item)
        shape = f"{item.name}.shape"
        graph.initializer.append(numpy_helper.from_array(np.array(item.dims, np.int64), shape))
        value = numpy_helper.from_array(np.array([_FILL], np.float32))
        nodes.append(helper.make_node("ConstantOfShape", [shape], [item.name], value=value))
    for place, node in enumerate(nodes):
        graph.node.insert(place, node)
    del model.metadata_props[:]
    return model


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder:
        model = emptied(onnx.load(str(export_yardstick(Path(folder)))))
    onnx.checker.check_model(model)
    path = assets_folder() / "yardstick.onnx"
    path.write_bytes(model.SerializeToString())
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
