"""What no source file may do: open pickles, run text as code, or wake a library that reports home."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

#: Modules that turn bytes into code, and where one of them is right.
PICKLES = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle", "yaml"}
EXCUSED = {
    ("training/data/to_processes.py", "pickle"),  # between processes of one program, as multiprocessing itself does
}
#: ONNX Runtime is imported where its reports are switched off, and only there.
RUNTIME = "model/runtime.py"
RUN_AS_CODE = {"eval", "exec"}


def found_in(text: str, file: str) -> Iterator[str]:
    """What is wrong in one source file, a line each."""
    for node in ast.walk(ast.parse(text)):
        for module in imported(node):
            top = module.partition(".")[0]
            if top in PICKLES and (file, top) not in EXCUSED:
                yield f"{file}:{node.lineno}: imports {top}"
            if module == "onnxruntime" and file != RUNTIME:
                yield f"{file}:{node.lineno}: imports onnxruntime; take it from model.runtime"
        if isinstance(node, ast.Call) and (reason := wrong_call(node)) is not None:
            yield f"{file}:{node.lineno}: {reason}"


def imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        yield node.module
        if node.module == "torch":
            yield from (f"torch.{alias.name}" for alias in node.names)


def wrong_call(call: ast.Call) -> str | None:
    name, words = ast.unparse(call.func), {word.arg: word.value for word in call.keywords}
    if name in ("torch.load", "torch.jit.load", "torch.export.load", "torch.hub.load"):
        weights_only = words.get("weights_only")
        if name != "torch.load" or not (isinstance(weights_only, ast.Constant) and weights_only.value is True):
            return f"{name} without weights_only=True"
    pickles = words.get("allow_pickle")
    if pickles is not None and not (isinstance(pickles, ast.Constant) and pickles.value is False):
        return f"{name} with allow_pickle"
    if name.endswith((".read_pickle", ".to_pickle")):
        return f"{name} is a pickle"
    if name in RUN_AS_CODE:
        return f"{name} runs text as code"
    shell = words.get("shell")
    if name == "os.system" or (shell is not None and not (isinstance(shell, ast.Constant) and shell.value is False)):
        return f"{name} asks a shell"
    return None


def problems(root: Path, *, tests: bool) -> list[str]:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git clone: cannot tell which files belong to it")
    files = [name for name in listed.stdout.split() if name.startswith("tests/") == tests and (root / name).exists()]
    assert len(files) > 100
    return [problem for name in files for problem in found_in((root / name).read_text(encoding="utf-8"), name)]


def test_no_source_file_opens_pickles_runs_text_or_wakes_a_reporter(project_root: Path) -> None:
    wrong = problems(project_root, tests=False)
    assert not wrong, "\n".join(wrong)


#: Names of files may hold the hour; nothing else may depend on a clock that is set, or jumps, in the middle of a call.
MAY_ASK_THE_HOUR = {"app/sinks/snapshot.py", "app/sinks/new_file.py"}
HOURS = {"time.time", "time.time_ns", "time.localtime", "datetime.now", "datetime.datetime.now", "time.ctime"}


def test_no_part_of_a_call_depends_on_the_hour(project_root: Path) -> None:
    wrong = []
    for file in sorted((project_root / "app").rglob("*.py")):
        name = file.relative_to(project_root).as_posix()
        tree = ast.parse(file.read_text(encoding="utf-8"))
        calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
        wrong += [f"{name}: {call}" for call in calls if call in HOURS and name not in MAY_ASK_THE_HOUR]
    assert not wrong, "\n".join(wrong)


def test_no_test_wakes_a_reporter(project_root: Path) -> None:
    wrong = [problem for problem in problems(project_root, tests=True) if "onnxruntime" in problem]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from joblib import load",
        "def inner():\n    import dill.source",
        "import onnxruntime as ort",
        "from onnxruntime import InferenceSession",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "torch.load(path, weights_only=chosen)",
        "torch.hub.load('someone/something', 'network')",
        "np.load(file, allow_pickle=True)",
        "numpy.lib.format.read_array(file, allow_pickle=asked)",
        "pandas.read_pickle(path)",
        "eval(text)",
        "os.system(text)",
        "subprocess.run(text, shell=True)",
    ],
)
def test_each_kind_is_found(text: str) -> None:
    assert list(found_in(text, "model/some.py"))


@pytest.mark.parametrize(
    "text",
    [
        "torch.load(path, map_location='cpu', weights_only=True)",
        "np.load(file, mmap_mode='r', allow_pickle=False)",
        "network.eval()",
        "json.load(file)",
        "subprocess.run(['ls'], shell=False)",
        "from onnxruntime.quantization import quantize_static",
        "from .runtime import onnxruntime",
    ],
)
def test_what_is_right_is_left_alone(text: str) -> None:
    assert not list(found_in(text, "model/some.py"))
