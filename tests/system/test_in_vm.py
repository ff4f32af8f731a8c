"""Where this machine has no loopback device, a virtual machine that has one runs the tests that need it.

``AFFECTCAM_VM`` names a script that boots such a machine, with this one's files, and runs a shell command there in the
current folder. In its environment ``VM_MODS`` says which modules are loaded, ``VM_TIMEOUT`` when it gives up (seconds),
``VM_MEM`` its memory (MB), ``VM_CPU`` its processor. Without the variable ``tools/run_in_vm.sh`` in the shared folder
is taken.
"""

from __future__ import annotations

import logging
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import flat_clip
import pytest
from conftest import CLIP, EMULATED, need

from app.sinks.loopback import loopback_devices

pytestmark = [pytest.mark.system, pytest.mark.timeout(3600)]

seen = logging.getLogger("seen")

PROGRAMS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "busybox": "busybox-static",
    "cpio": "cpio",
    "modprobe": "kmod",
    "v4l2-ctl": "v4l-utils",
    "ffmpeg": "ffmpeg",
    "chromium": "chromium",
    "Xvfb": "xvfb",
}
MODULE = "v4l2loopback exclusive_caps=1 card_label=affectcam video_nr=10"
TESTS = ("tests/system/test_loopback_camera.py", "tests/system/test_real_camera.py")
# Without AVX the networks run six times as quickly where a processor is emulated.
CPU = "Nehalem-v1"
TIMEOUT_S = 3000


@pytest.fixture
def vm(request: pytest.FixtureRequest) -> Path:
    """The script that boots the machine; skips the test with what is missing."""
    named = os.environ.get("AFFECTCAM_VM")
    script = Path(named) if named else request.getfixturevalue("shared_folder") / "tools" / "run_in_vm.sh"
    if not script.is_file():
        pytest.skip(f"no script that boots a virtual machine: {script} (AFFECTCAM_VM names another)")
    need(PROGRAMS)
    kernels = [path.name.removeprefix("vmlinuz-") for path in Path("/boot").glob("vmlinuz-*")]
    built = [name for name in kernels if list(Path("/lib/modules", name).rglob("v4l2loopback.ko*"))]
    if not built:
        what = f"v4l2loopback is not built for {', '.join(kernels)}" if kernels else "no kernel in /boot"
        pytest.skip(f"{what} (sudo apt install linux-image-amd64 linux-headers-amd64 v4l2loopback-dkms)")
    return script


def test_a_machine_with_a_loopback_device(vm: Path, project_root: Path, tmp_path: Path) -> None:
    if loopback_devices()[0]:
        pytest.skip("this machine has a loopback device of its own; the tests beside this one use it")
    clip = flat_clip.write_clip(tmp_path / "flat.mp4", seconds=420)
    flat_clip.Expected.make().save(clip.with_suffix(".npz"))
    words = [sys.executable, "-m", "pytest", "-m", "system", *TESTS, "-rA", "--tb=short", "--timeout=600"]
    words += ["-p", "no:cacheprovider", "-o", "log_cli=true", "-o", "log_cli_format=%(message)s"]
    words += ["--log-cli-level=INFO"]
    environment = {
        **os.environ,
        "VM_MODS": MODULE,
        "VM_TIMEOUT": str(TIMEOUT_S),
        "VM_MEM": "4096",
        "VM_CPU": CPU,
    }
    environment.pop("AFFECTCAM_VM", None)
    command = f"{EMULATED}=1 {CLIP}={shlex.quote(str(clip))} PYTHONUTF8=1 {shlex.join(words)}"
    log = tmp_path / "vm.log"
    with log.open("wb") as out:
        done = subprocess.run(
            ["bash", str(vm), command],
            cwd=project_root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            timeout=TIMEOUT_S + 120,
        )
    said = log.read_text("utf-8", "replace")
    seen.info("in the virtual machine:\n%s", said[-4000:])
    assert done.returncode == 0, said[-8000:]
    assert re.search(r"\b[1-9]\d* passed", said)
    assert " skipped" not in said
