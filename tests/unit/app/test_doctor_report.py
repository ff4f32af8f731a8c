"""The report for strangers: everything that was found, and nothing of who found it where."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.doctor import Check
from app.doctor.personal import Identity, without_person
from app.doctor.report import report_text

NOBODY = Identity()
ANNA = Identity(
    users=("anna", "Anna", "Schmidt"), hosts=("annas-laptop.fritz.box", "annas-laptop"), homes=("/home/anna",)
)

# Names that no word of our own texts contains: z and q stand in them nowhere side by side.
names = st.builds(
    lambda first, rest: first + "zq" + rest,
    st.sampled_from(string.ascii_letters),
    st.text(string.ascii_letters + string.digits, max_size=8),
)
PLACES = (
    "/home/{name}/.venv/lib/libGL.so.1: cannot open",
    "none in /home/{name}",
    "/Users/{name}/Library/x.onnx, and more",
    r"C:\Users\{name}\AppData\Local\x.dll is missing",
    r"c:\users\{name} cannot be read",
    "/var/home/{name}/models",
    "cannot open /run/media/{name}/STICK/face.onnx",
    "file:///home/{name}/x.mp4",
    "started by {name}",
    "'{name}' may not",
    "{name}@",
)


@given(name=names, place=st.sampled_from(PLACES))
def test_the_name_of_the_user_is_nowhere(name: str, place: str) -> None:
    who = Identity(users=(name,))
    assert name.lower() not in without_person(place.format(name=name), who).lower()


@given(name=names, place=st.sampled_from([place for place in PLACES if "/{name}" in place or "\\{name}" in place]))
def test_home_folders_of_others_are_not_told_either(name: str, place: str) -> None:
    assert name.lower() not in without_person(place.format(name=name), NOBODY).lower()


@given(host=names, place=st.sampled_from(["on {host}", "{host}:0", "{host}.local", "http://{host}/", "({host})"]))
def test_the_name_of_the_machine_is_nowhere(host: str, place: str) -> None:
    assert host.lower() not in without_person(place.format(host=host), Identity(hosts=(host,))).lower()


@given(home=st.builds(lambda parts: "/" + "/".join(parts), st.lists(names, min_size=1, max_size=3)))
def test_a_home_in_an_unusual_place_is_a_tilde(home: str) -> None:
    text = without_person(f"none in {home}/models, see {home}", Identity(homes=(home,)))
    assert text == "none in ~/models, see ~"


@given(
    serial=st.text(string.ascii_uppercase + string.digits, min_size=10, max_size=24).filter(
        lambda text: sum(sign.isdigit() for sign in text) >= 4
    )
)
def test_serial_numbers_are_not_told(serial: str) -> None:
    for place in ("Webcam {0}", "Webcam ({0})", "/dev/v4l/by-id/usb-Maker_Webcam_{0}-video-index0", "serial {0}"):
        assert serial not in without_person(place.format(serial), NOBODY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FaceTime HD Camera (0x14200000046d085c)", "FaceTime HD Camera (<serial>)"),
        ("Anna's iPhone Camera (AVFoundation)", "<owner>'s iPhone Camera (AVFoundation)"),
        ("Jörg’s Pixel (MSMF)", "<owner>'s Pixel (MSMF)"),
        ("iPhone von Jörg (AVFoundation)", "iPhone von <owner> (AVFoundation)"),
        (
            r"c920 (\\?\usb#vid_046d&pid_0825&mi_00#7&2a8a9d2&0&0000#{65e8773d-8f56-11d0-a3b9-00a0c9223196}\global)",
            r"c920 (\\?\usb#vid_046d&pid_0825&mi_00#<serial>#{<serial>}\global)",
        ),
        ("rtsp://joe:secret@192.168.1.20/stream", "rtsp://<address>/stream"),
        ("http://joe:secret@cam.fritz.box/video", "http://<address>/video"),
        ("http://192.168.1.20:8080/", "http://<address>:8080/"),
        ("mac 00:1a:2b:3c:4d:5e", "mac <serial>"),
        ("ask joe.doe@example.org", "ask <address>"),
        ("on annas-laptop.fritz.box as anna (Anna Schmidt)", "on <host> as <user> (<user> <user>)"),
    ],
)
def test_what_tells_of_a_person_or_one_machine_is_replaced(text: str, expected: str) -> None:
    assert without_person(text, ANNA) == expected


@pytest.mark.parametrize(
    "text",
    [
        "3.11.2 on Linux 6.1.0-18-amd64 (x86_64)",
        "10.0.22631 on Windows 11 (AMD64)",
        "numpy 2.4.1, opencv-contrib-python 5.0.0.86, onnxruntime 1.32.0, av 18.1.0",
        "HD Pro Webcam C920 (/dev/video0), which this user may not open",
        "sudo usermod -aG video $USER, then log in again",
        "sudo modprobe v4l2loopback exclusive_caps=1 card_label=affectcam",
        "5.1 MB, runs on CPUExecutionProvider; valence and arousal derived from the scores",
        "built with CUDAExecutionProvider, TensorrtExecutionProvider; h264_videotoolbox",
        "/usr/lib/x86_64-linux-gnu/libGL.so.1: cannot open shared object file",
        "RuntimeError: expected float32 (1, 1, 48, 48), got uint8",
        "github.com/umlaeuter/v4l2loopback, https://obsproject.com/download",
    ],
)
def test_what_helps_stays(text: str) -> None:
    assert without_person(text, ANNA) == text


def test_short_and_general_names_leave_sentences_alone_but_not_paths() -> None:
    who = Identity(users=("al", "root", "in"), hosts=("vm", "localhost"))
    assert without_person("installed in al fresco as root on vm", who) == "installed in al fresco as root on vm"
    assert without_person("/mnt/al/x and /srv/vm", who) == "/mnt/<user>/x and /srv/<host>"


def test_the_report_has_every_check_with_what_to_do() -> None:
    checks = [
        Check(name="Python", state="ok", detail="3.11.2"),
        Check(name="Models", state="fail", detail="none in /home/anna/models", cure="install affectcam again"),
        Check(name="Camera 0", state="warn", detail="Lid", cure="plug it in"),
    ]
    head, *lines = report_text(checks, ANNA).splitlines()
    assert head.startswith("affectcam ")
    assert lines == [
        "ok    Python: 3.11.2",
        "FAIL  Models: none in ~/models",
        "      to do: install affectcam again",
        "warn  Camera 0: Lid",
        "      to do: plug it in",
    ]


def test_the_one_who_runs_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "zqanna")
    monkeypatch.setattr("socket.gethostname", lambda: "zqlaptop.lan")
    monkeypatch.setenv("HOME", "/srv/people/zqanna")
    who = Identity.here()
    assert "zqanna" in who.users
    assert {"zqlaptop.lan", "zqlaptop"} <= set(who.hosts)
    text = report_text([Check(name="Models", state="ok", detail="/srv/people/zqanna/x on zqlaptop by zqanna")])
    assert "ok    Models: ~/x on <host> by <user>" in text
