from __future__ import annotations

import builtins
import importlib.metadata
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from app import doctor
from app.doctor import Check, devices, software
from app.doctor.check import examine
from model.errors import ModelError


def only(checks: object) -> Check:
    (check,) = checks  # type: ignore[misc]
    return check


def with_cameras(monkeypatch: pytest.MonkeyPatch, *cameras: SimpleNamespace) -> None:
    module = ModuleType("app.capture.cameras")
    module.list_cameras = lambda: list(cameras)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "app.capture.cameras", module)


def with_versions(monkeypatch: pytest.MonkeyPatch, **versions: str | None) -> None:
    real = importlib.metadata.version
    by_name = {name.replace("_", "-"): version for name, version in versions.items()}

    def version(name: str) -> str:
        if name not in by_name:
            return real(name)
        if by_name[name] is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return str(by_name[name])

    monkeypatch.setattr(importlib.metadata, "version", version)


def test_every_check_has_a_name_a_state_and_one_line_of_detail() -> None:
    checks = doctor.run_checks()
    names = [check.name for check in checks]
    assert {"Python", "Packages", "MediaPipe", "Processors", "Face detector", "Window", "Training"} <= set(names)
    assert all(check.state in ("ok", "warn", "fail") for check in checks)
    assert all(check.detail and "\n" not in check.detail + check.cure for check in checks)
    assert all(check.cure for check in checks if check.state == "fail")


def test_a_look_that_breaks_is_a_failed_check_with_the_reason() -> None:
    def broken() -> list[Check]:
        raise OSError("libGL.so.1: cannot open\nshared object file")

    check = only(examine("OpenCV", broken))
    assert check.state == "fail"
    assert check.detail == "OSError: libGL.so.1: cannot open shared object file"
    assert check.cure


def test_an_error_of_ours_is_shown_in_its_own_words() -> None:
    def missing() -> list[Check]:
        raise ModelError("face.tflite: no such file")

    check = only(examine("Face detector", missing))
    assert (check.state, check.detail) == ("fail", "face.tflite: no such file")


def test_the_face_detector_is_started() -> None:
    assert only(software.look_at_detector()).state == "ok"


def test_checks_made_before_a_look_breaks_do_not_hide_the_break() -> None:
    def half_broken() -> object:
        yield Check(name="One", state="ok", detail="fine")
        raise RuntimeError

    checks = examine("Two", half_broken)  # type: ignore[arg-type]
    assert [(check.name, check.state) for check in checks] == [("Two", "fail")]


def test_mediapipe_at_the_pinned_version_is_ok(monkeypatch: pytest.MonkeyPatch) -> None:
    with_versions(monkeypatch, mediapipe="0.10.33")
    assert only(software.look_at_mediapipe()).state == "ok"


@pytest.mark.parametrize(("version", "state"), [("0.10.35", "warn"), (None, "fail")])
def test_another_mediapipe_names_the_cure(monkeypatch: pytest.MonkeyPatch, version: str | None, state: str) -> None:
    with_versions(monkeypatch, mediapipe=version)
    check = only(software.look_at_mediapipe())
    assert (check.state, check.cure) == (state, "pip install mediapipe==0.10.33")


def test_the_pinned_mediapipe_is_the_one_that_pyproject_asks_for(project_root: Path) -> None:
    assert f'"mediapipe=={software.MEDIAPIPE_VERSION}"' in (project_root / "pyproject.toml").read_text()


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with_versions(monkeypatch, av=None)
    check = only(software.look_at_packages())
    assert (check.state, check.detail, check.cure) == ("fail", "missing: av", "pip install av")


def test_a_second_opencv_wheel_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    with_versions(monkeypatch, opencv_python="4.10.0.84")
    check = only(software.look_at_opencv())
    assert check.state == "warn"
    assert "opencv-python" in check.detail
    assert "uninstall opencv-python" in check.cure


def test_one_opencv_wheel_needs_no_line() -> None:
    assert list(software.look_at_opencv()) == []


def test_no_installed_model_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("model.classifier.models_folder", lambda: tmp_path)
    assert only(software.look_at_models()).state == "fail"


def test_a_damaged_model_is_named_with_its_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    monkeypatch.setattr("model.classifier.models_folder", lambda: tmp_path)
    check = only(software.look_at_models())
    assert (check.name, check.state) == ("Model broken", "fail")
    assert str(tmp_path / "broken.onnx") in check.detail


def test_shipped_files_are_what_was_shipped() -> None:
    check = only(software.look_at_shipped())
    assert (check.state, check.detail) == ("ok", "8 files are what was shipped")


def test_an_altered_shipped_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("model.shipped.assets_folder", lambda: tmp_path)
    assert only(software.look_at_shipped()).state == "warn"
    whole, hash_of_nothing = (
        tmp_path / "whole.tflite",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    )
    whole.touch()
    names = ("whole.tflite", "gone.tflite", "models/other.onnx")
    (tmp_path / "SHA256SUMS").write_text("".join(f"{hash_of_nothing}  {name}\n" for name in names))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "other.onnx").write_text("other")
    check = only(software.look_at_shipped())
    assert (check.state, check.detail) == ("fail", "missing or altered: gone.tflite, models/other.onnx")


def test_the_h264_encoder_of_pyav_is_found() -> None:
    check = only(software.look_at_encoder())
    assert check.state == "ok"
    assert check.detail in software.H264_ENCODERS


def test_no_h264_encoder_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(software, "H264_ENCODERS", ("no-such-encoder",))
    check = only(software.look_at_encoder())
    assert (check.state, bool(check.cure)) == ("warn", True)


def test_no_pytorch_is_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    with_versions(monkeypatch, torch=None)
    assert only(software.look_at_training()).state == "ok"


def test_no_camera_is_a_warning_with_a_way_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with_cameras(monkeypatch)
    check = only(devices.look_at_cameras())
    assert check.state == "warn"
    assert "demo" in check.cure


def test_cameras_are_listed_by_number_and_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with_cameras(
        monkeypatch,
        SimpleNamespace(index=0, name="HD Webcam", path="", backend="MSMF"),
        SimpleNamespace(index=2, name="Phone", path="", backend="MSMF"),
    )
    checks = list(devices.look_at_cameras())
    assert [(check.name, check.state, check.detail) for check in checks] == [
        ("Camera 0", "ok", "HD Webcam (MSMF)"),
        ("Camera 2", "ok", "Phone (MSMF)"),
    ]


def test_a_camera_that_this_user_may_not_open_names_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    with_cameras(monkeypatch, SimpleNamespace(index=0, name="HD Webcam", path="/dev/video0", backend="V4L2"))
    monkeypatch.setattr(devices.os, "access", lambda path, mode: False)
    check = only(devices.look_at_cameras())
    assert check.state == "warn"
    assert "usermod -aG video" in check.cure


@pytest.mark.parametrize(
    ("answer", "state", "detail", "cure"),
    [
        ((True, "affectcam (/dev/video10)"), "ok", "affectcam (/dev/video10)", ""),
        ((False, "no device; to get one: sudo modprobe it"), "warn", "no device", "sudo modprobe it"),
        ((False, "it cannot be asked"), "warn", "it cannot be asked", ""),
    ],
)
def test_the_virtual_camera_speaks_in_the_sinks_words(
    monkeypatch: pytest.MonkeyPatch, answer: tuple[bool, str], state: str, detail: str, cure: str
) -> None:
    monkeypatch.setattr("app.sinks.virtual_camera.available", lambda: answer)
    check = only(devices.look_at_virtual_camera())
    assert (check.state, check.detail, check.cure) == (state, detail, cure)


def test_pipewire_is_offered_beside_another_virtual_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.sinks.virtual_camera.available", lambda: (True, "affectcam (/dev/video2)"))
    monkeypatch.setattr("app.sinks.virtual_camera.list_backends", lambda: ["v4l2loopback", "pipewire"])
    check = only(devices.look_at_virtual_camera())
    assert check.detail == "affectcam (/dev/video2); or in PipeWire, with --camera-backend pipewire"


def test_a_missing_virtual_camera_has_a_cure_for_this_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyvirtualcam.camera.BACKENDS", {})
    check = only(devices.look_at_virtual_camera())
    assert check.state == "warn"
    assert check.cure


def test_without_pyqt5_the_window_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    check = only(devices.look_at_window())
    assert (check.state, check.cure) == ("warn", "pip install PyQt5")


def test_without_a_screen_no_window_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "has_screen", lambda: False)
    monkeypatch.setattr(devices, "try_window", lambda: pytest.fail("tried a window without a screen"))
    assert only(devices.look_at_window()).state == "warn"


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [((True, "xcb"), "ok", "opens on xcb"), ((False, "no display"), "fail", "Qt cannot open one: no display")],
)
def test_the_window_is_tried_where_there_is_a_screen(
    monkeypatch: pytest.MonkeyPatch, answer: tuple[bool, str], state: str, words: str
) -> None:
    monkeypatch.setattr(devices, "has_screen", lambda: True)
    monkeypatch.setattr(devices, "try_window", lambda: answer)
    check = only(devices.look_at_window())
    assert (check.state, check.detail) == (state, words)


def test_qt_comes_up_although_opencv_has_pointed_it_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("PyQt5", reason="PyQt5 is not installed")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", str(tmp_path))
    assert devices.try_window() == (True, "offscreen")


def test_a_qt_without_its_platform_is_told_in_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("PyQt5", reason="PyQt5 is not installed")
    monkeypatch.setenv("QT_QPA_PLATFORM", "no-such-platform")
    opens, words = devices.try_window()
    assert not opens
    assert "no-such-platform" in words


def test_a_window_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(command: list[str], **options: object) -> None:
        raise subprocess.TimeoutExpired(command, 20)

    monkeypatch.setattr(subprocess, "run", never)
    assert devices.try_window() == (False, "no answer within 20 s")


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_a_screen_is_known_by_its_variables(
    monkeypatch: pytest.MonkeyPatch, platform: str, environment: dict[str, str], expected: bool
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(devices.sys, "platform", platform)
    assert devices.has_screen() is expected


def test_neither_qt_nor_torch_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def guarded(name: str, *rest: object, **more: object) -> object:
        assert name.split(".")[0] not in ("PyQt5", "torch"), f"the doctor imported {name}"
        return real(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", guarded)
    monkeypatch.setattr(devices, "try_window", lambda: (True, "xcb"))
    checks = doctor.run_checks()
    assert not [check for check in checks if "the doctor imported" in check.detail]
