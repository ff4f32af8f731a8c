"""Every command, and the window, run under a watcher: none asks anything of the network."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from network_watch import strace_works, watched, why_not_local
from skimage.data import astronaut
from video_makers import write_video

needs_strace = pytest.mark.skipif(not strace_works(), reason="no strace that may trace here (apt install strace)")

#: Kept free for documents, so that nobody is there (RFC 5737).
NOBODY = "192.0.2.1"
#: Reporters begin late: ONNX Runtime's sends nine seconds after the first model is loaded.
LONG_ENOUGH = "13"

OVERLAY = """
import sys
import pyvirtualcam
class Device:
    def __init__(self, **_): pass
    def send(self, _): pass
    def close(self): pass
    def device(self): return "none"
    def native_fourcc(self): return None
pyvirtualcam.camera.BACKENDS.clear()
pyvirtualcam.register_backend("none", Device)
from app.cli import main
sys.exit(main(["overlay", "--source", "demo", "--camera-backend", "none", "--seconds", "1"]))
"""

CONFIG = """
name = "tiny"
[data]
root = "{root}"
[network]
input_size = 16
options = {{ stem = 4, widths = [8, 8], depths = [1, 1] }}
[train]
epochs = 1
batch_size = 8
accelerator = "cpu"
threads = 1
[export]
int8 = true
calibration = 8
"""


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A second of a face."""
    face = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)[0:240, 100:420]
    return write_video(tmp_path_factory.mktemp("clips") / "face.mp4", [face] * 20, audio=True)


@pytest.fixture
def run(tmp_path, project_root):
    """Runs a program under the watcher, in a home of its own; fails if it does not do its work."""

    def run(*words, **options):
        done = watched(words, cwd=project_root, home=tmp_path / "home", **options)
        assert done.returncode == 0, done.output
        return done

    return run


@pytest.fixture(scope="module", autouse=True)
def window(request, project_root, tmp_path_factory):
    """The window under the watcher, begun before the other tests so that its long wait is over when they are."""
    if not any(item.name.startswith("test_the_window") and item.path == request.path for item in request.session.items):
        yield None
        return
    home = tmp_path_factory.mktemp("window") / "home"
    with ThreadPoolExecutor(1) as beside:
        words = ["-m", "app", "--demo", "--seconds", LONG_ENOUGH]
        yield home, beside.submit(watched, words, cwd=project_root, home=home)


def reports(home):
    """Files that a reporter keeps about this machine."""
    telling = ("deviceid", "telemetry", "onnxruntime", "usage_stats", "microsoft", "google")
    return [str(path) for path in home.rglob("*") if any(word in path.name.lower() for word in telling)]


def stays(done, home):
    assert done.contacts == []
    assert reports(home) == []


@pytest.mark.parametrize("words", [["--help"], ["models"], ["doctor"]], ids=" ".join)
def test_the_small_commands_stay_here(run, tmp_path, words):
    stays(run("-m", "app", *words), tmp_path / "home")


def test_classify_stays_here(run, clip, tmp_path):
    done = run("-m", "app", "classify", str(clip), "--out", str(tmp_path), "--formats", "csv,jsonl,srt,png,mp4")
    assert "20 frames, 1 face" in done.output
    stays(done, tmp_path / "home")


@pytest.mark.slow
def test_several_files_at_once_stay_here(run, clip, tmp_path):
    other = tmp_path / "other.mp4"
    other.write_bytes(clip.read_bytes())
    done = run("-m", "app", "classify", str(clip), str(other), "--out", str(tmp_path / "out"), "--jobs", "2")
    assert done.output.count("20 frames, 1 face") == 2
    stays(done, tmp_path / "home")


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["local", "ray"])
def test_an_archive_stays_here(run, clip, tmp_path, engine):
    pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra parquet)")
    if engine == "ray":
        pytest.importorskip("ray", reason="Ray is not installed (extra cluster)")
    words = ["--out", str(tmp_path / "out"), "--formats", "dataset", "--engine", engine, "--jobs", "1"]
    done = run("-m", "app", "classify", str(clip.parent), *words)
    assert "1 file read" in done.output
    stays(done, tmp_path / "home")


def test_overlay_stays_here(run, tmp_path):
    done = run("-c", OVERLAY)
    assert "pictures sent" in done.output
    stays(done, tmp_path / "home")


def test_preparing_a_data_set_stays_here(run, tmp_path):
    pytest.importorskip("torch", reason="training needs its extra")
    stays(prepare(run, tmp_path), tmp_path / "home")


@pytest.mark.slow
def test_a_benchmark_stays_here(run, tmp_path):
    stays(run("-m", "app", "bench", "--frames", "20", "--seconds", "1"), tmp_path / "home")


@pytest.mark.slow
def test_training_on_pictures_of_ones_own_stays_here(run, tmp_path):
    pytest.importorskip("torch", reason="training needs its extra")
    prepare(run, tmp_path)
    config = tmp_path / "tiny.toml"
    config.write_text(CONFIG.format(root=tmp_path / "condensed"))
    words = ["-m", "training.run", "--config", str(config), "--runs", str(tmp_path / "runs")]
    stays(run(*words, timeout=600), tmp_path / "home")
    assert (tmp_path / "runs" / "tiny" / "tiny-int8.onnx").is_file()


@pytest.mark.slow
def test_every_step_of_the_smoke_run_stays_here(run, tmp_path, project_root):
    pytest.importorskip("torch", reason="training needs its extra")
    config = project_root / "training" / "configs" / "smoke.toml"
    words = ["--config", str(config), "--runs", str(tmp_path / "runs"), "--set", f"data.root={tmp_path / 'drawn'}"]
    stays(
        run("-m", "training.run", *words, "--set", f"pretrain.root={tmp_path / 'drawn'}", timeout=1200),
        tmp_path / "home",
    )
    assert (tmp_path / "runs" / "smoke" / "report.html").is_file()


@pytest.mark.slow
def test_a_search_on_ray_stays_here(run, tmp_path, project_root):
    pytest.importorskip("torch", reason="training needs its extra")
    pytest.importorskip("ray", reason="needs the extra cluster")
    config = project_root / "training" / "configs" / "smoke.toml"
    words = ["tune", "--config", str(config), "--runs", str(tmp_path / "runs"), "--engine", "ray"]
    words += ["--set", f"data.root={tmp_path / 'drawn'}", "--set", "tune.factors={}", "--set", "tune.trials=2"]
    stays(run("-m", "training.run", *words, "--set", "tune.jobs=2", timeout=600), tmp_path / "home")
    assert (tmp_path / "runs" / "smoke" / "tune" / "results.json").is_file()


def prepare(run, folder):
    """A folder per emotion, condensed."""
    rng = np.random.default_rng(0)
    for split in ("train", "valid"):
        for name, level in (("happy", 190), ("sad", 60)):
            (folder / "faces" / split / name).mkdir(parents=True)
            for place in range(8):
                picture = rng.normal(level, 15, (20, 20)).clip(0, 255).astype(np.uint8)
                cv2.imwrite(str(folder / "faces" / split / name / f"{place}.png"), picture)
    words = ["folder", str(folder / "faces"), str(folder / "condensed"), "--size", "16"]
    return run("-m", "training.prepare", *words)


# That the watcher would have seen it.

CONNECT_IN_C = f"""
import ctypes, socket, struct
libc = ctypes.CDLL(None)
handle = libc.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK, 0)
address = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(443), socket.inet_aton("{NOBODY}"))
libc.connect(handle, address, len(address))
"""
SEND_IN_C = CONNECT_IN_C.replace("SOCK_STREAM", "SOCK_DGRAM").replace(
    "libc.connect(handle,", 'libc.sendto(handle, b"hello", 5, 0,'
)
IN_A_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-E', '-c', {CONNECT_IN_C!r}])"
NAME_IN_C = """
import ctypes
found = ctypes.c_void_p()
ctypes.CDLL(None).getaddrinfo(b"affectcam.invalid", b"443", None, ctypes.byref(found))
"""


@needs_strace
@pytest.mark.parametrize("program", [CONNECT_IN_C, SEND_IN_C, IN_A_CHILD], ids=["connect", "send", "child"])
def test_a_native_library_that_connects_is_caught(tmp_path, program):
    done = watched(["-c", program], cwd=tmp_path, home=tmp_path / "home")
    assert done.returncode == 0, done.output
    assert [contact for contact in done.contacts if contact.startswith("leaves this machine") and NOBODY in contact]


@needs_strace
def test_a_native_library_that_asks_for_a_name_is_caught(tmp_path):
    done = watched(["-c", NAME_IN_C], cwd=tmp_path, home=tmp_path / "home")
    if not done.contacts and "dns" not in _hosts_line():
        pytest.skip("this machine's /etc/nsswitch.conf asks nobody for names")
    assert any(contact.startswith("asks for a name") for contact in done.contacts)


def _hosts_line():
    file = Path("/etc/nsswitch.conf")
    lines = file.read_text().splitlines() if file.exists() else ()
    return next((line for line in lines if line.startswith("hosts:")), "dns")


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (f"socket.socket().connect_ex(('{NOBODY}', 443))", "leaves this machine"),
        (f"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('{NOBODY}', 9))", "leaves this machine"),
        ("socket.getaddrinfo('affectcam.invalid', 443)", "asks for a name"),
        ("socket.gethostbyname('affectcam.invalid')", "asks for a name"),
        ("socket.socket().bind(('0.0.0.0', 0))", "listens to others"),
    ],
)
def test_python_code_is_caught_without_strace_too(tmp_path, monkeypatch, program, reason):
    monkeypatch.setattr("network_watch.strace_works", lambda: False)
    whole = f"import socket\nsocket.setdefaulttimeout(0.2)\ntry:\n    {program}\nexcept OSError:\n    pass\n"
    done = watched(["-c", whole], cwd=tmp_path, home=tmp_path / "home")
    assert done.returncode == 0, done.output
    assert [contact.partition(":")[0] for contact in done.contacts] == [reason]


def test_what_stays_on_this_machine_is_no_contact(tmp_path):
    program = """
import socket, tempfile, pathlib
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(("localhost", server.getsockname()[1]))
if hasattr(socket, "AF_UNIX"):
    path = str(pathlib.Path(tempfile.mkdtemp()) / "s")
    unix = socket.socket(socket.AF_UNIX); unix.bind(path); unix.listen()
    socket.socket(socket.AF_UNIX).connect(path)
"""
    done = watched(["-c", program], cwd=tmp_path, home=tmp_path / "home")
    assert done.returncode == 0, done.output
    assert done.contacts == []
    assert done.watched_c == strace_works()


OUTSIDE = [
    '7 connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("8.8.8.8")}, 16 <unfinished ...>',
    "connect(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), "
    'inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = -1 ENETUNREACH (Network is unreachable)',
    'sendmmsg(3, [{msg_hdr={msg_name={sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, ...',
    'connect(3, {sa_family=AF_UNIX, sun_path="/run/systemd/resolve/io.systemd.Resolve"}, 42) = 0',
    'bind(3, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("0.0.0.0")}, 16) = 0',
    "connect(3, {sa_family=AF_VSOCK, svm_cid=0x2, svm_port=0x400}, 16) = 0",
    "io_uring_setup(64, {flags=0}) = 5",
]
INSIDE = [
    "io_uring_setup(64, {flags=0}) = -1 EPERM (Operation not permitted)",
    "connect(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), "
    'inet_pton(AF_INET6, "::ffff:127.0.0.1", &sin6_addr), sin6_scope_id=0}, 28) = 0',
    'connect(3, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT (No such file or directory)',
    'connect(3, {sa_family=AF_UNIX, sun_path=@"/tmp/.X11-unix/X0"}, 20) = 0',
    r'sendto(3, "\24\0\0\0", 20, 0, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, 12) = 20',
    'sendto(3, "hello", 5, MSG_NOSIGNAL, NULL, 0) = 5',
]


def test_the_window_stays_here_until_late_reporters_would_have_sent(window):
    pytest.importorskip("PyQt5")
    home, running = window
    done = running.result()
    assert done.returncode == 0, done.output
    stays(done, home)


@pytest.mark.parametrize("call", OUTSIDE)
def test_a_call_that_reaches_others_is_told(call):
    assert why_not_local(call) is not None


@pytest.mark.parametrize("call", INSIDE)
def test_a_call_that_stays_here_is_not(call):
    assert why_not_local(call) is None
