"""One source of words on how to get a virtual camera."""

from __future__ import annotations

import sys

import pytest

from app.sinks.camera_help import camera_help


def commands(system: str) -> list[str]:
    return [step.command for step in camera_help(system).steps if step.command]


def test_linux_loads_the_driver_as_chrome_and_calls_want_it() -> None:
    assert "sudo modprobe v4l2loopback exclusive_caps=1 card_label=affectcam" in commands("linux")
    assert commands("linux")[0] == "sudo apt install v4l2loopback-dkms"
    assert camera_help("linux").cure == " && ".join(commands("linux")[:2])


def test_linux_keeps_it_speaks_of_secure_boot_and_offers_pipewire() -> None:
    text = "\n".join(f"{step.text}\n{step.command}" for step in camera_help("linux").steps)
    assert "/etc/modules-load.d" in text
    assert "/etc/modprobe.d" in text
    assert "Secure Boot" in text
    assert "gstreamer1.0-pipewire" in text
    assert "--camera-backend pipewire" in text


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_other_systems_get_obs(system: str) -> None:
    help = camera_help(system)
    assert "OBS" in help.cure
    assert "OBS" in help.steps[0].text
    assert any("OBS Virtual Camera" in step.text for step in help.steps)


@pytest.mark.parametrize("system", ["linux", "win32", "darwin", "freebsd14"])
def test_every_system_has_a_title_a_reason_and_steps_of_one_line(system: str) -> None:
    help = camera_help(system)
    assert help.title
    assert help.why
    assert len(help.steps) >= 3
    assert all(step.text and "\n" not in step.text + step.command for step in help.steps)


def test_this_system_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert camera_help() == camera_help("darwin")
