"""A call goes on when what reads is stopped or killed, and ends as a whole when it is to end."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest
from supervised import Call, children, gaps, is_running, wait_for

pytest.importorskip("pyvirtualcam")
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="calls are supervised on Linux"),
    pytest.mark.timeout(180),
]

#: A tick is due every thirtieth of a second; so long a gap would be seen, and a busy machine does not make it.
SEEN_S = 0.5


@pytest.fixture
def call(tmp_path):
    running = []

    def begin(*words, **given):
        running.append(Call(tmp_path, *words, **given))
        return running[-1]

    yield begin
    for each in running:
        each.end()


def light(ticks):
    return sum(tick.light for tick in ticks) / len(ticks)


def test_it_ends_when_the_time_is_over(call):
    run = call("overlay", "--source", "demo", "--seconds", "1")
    assert run.process.wait(60) == 0
    assert run.count("open") == run.count("close") == 1
    assert len(run.ticks()) > 10
    assert "pictures sent" in run.said()


def test_wrong_words_are_told_without_a_second_process(call):
    run = call("overlay", "--style", "loud")
    assert run.process.wait(60) == 2
    assert run.said().count("error:") == 1


def test_a_source_that_is_not_there_is_told_once(call):
    run = call("overlay", "--source", "/nowhere/call.mp4")
    assert run.process.wait(60) == 1
    assert run.said().count("error:") == 1


def test_killed_while_it_reads_the_call_sees_a_card_and_then_the_picture_again(call):
    run = call("overlay", "--source", "demo")
    run.wait_for_ticks(60)
    usual = light(run.ticks()[-30:])
    worker = run.worker()
    os.kill(worker, signal.SIGKILL)
    card = wait_for(lambda: [tick for tick in run.ticks()[60:] if tick.light < 0.7 * usual], "the card")
    wait_for(lambda: run.ticks()[-1].at_s > card[-1].at_s + 1 and run.ticks()[-1].light > 0.8 * usual, "the picture")
    assert max(gaps(run.ticks())) < SEEN_S
    assert run.count("open") == 1
    assert "ended by SIGKILL; the call sees a card; again in 1 s" in run.said()
    assert run.worker() != worker


@pytest.mark.slow
def test_stopped_for_a_while_the_call_sees_the_card_until_it_goes_on(call):
    run = call("overlay", "--source", "demo")
    run.wait_for_ticks(60)
    usual = light(run.ticks()[-30:])
    os.kill(run.worker(), signal.SIGSTOP)
    wait_for(lambda: run.ticks()[-1].light < 0.7 * usual, "the card")
    run.wait_for_ticks(30)
    os.kill(run.worker(), signal.SIGCONT)
    wait_for(lambda: run.ticks()[-1].light > 0.8 * usual, "the picture")
    assert max(gaps(run.ticks())) < SEEN_S
    assert "warning" not in run.said()


def test_one_that_hangs_is_ended_and_begun_again(call):
    run = call("overlay", "--source", "demo", hung_s=4)
    run.wait_for_ticks(60)
    usual, hangs = light(run.ticks()[-30:]), run.worker()
    os.kill(hangs, signal.SIGSTOP)
    wait_for(lambda: run.ticks()[-1].light < 0.7 * usual, "the card")
    wait_for(lambda: "ended after 4 s without a sign; the call sees a card; again in 1 s" in run.said(), "the words")
    wait_for(lambda: run.ticks()[-1].light > 0.8 * usual, "the picture")
    assert not is_running(hangs)
    assert run.worker() != hangs
    assert max(gaps(run.ticks())) < SEEN_S
    assert run.count("open") == 1


def test_a_machine_that_slept_goes_on_where_it_was_without_a_burst(call):
    run = call("overlay", "--source", "demo")
    run.wait_for_ticks(60)
    usual, both = light(run.ticks()[-30:]), (run.worker(), run.process.pid)
    for pid in both:
        os.kill(pid, signal.SIGSTOP)
    asleep = len(run.ticks())
    time.sleep(2.5)
    for pid in both:
        os.kill(pid, signal.SIGCONT)
    run.wait_for_ticks(60)
    awake = run.ticks()[asleep:]
    assert sum(tick.at_s < awake[0].at_s + 1 for tick in awake) < 50  # not all that were missed
    wait_for(lambda: run.ticks()[-1].light > 0.8 * usual, "the picture")
    assert run.process.poll() is None
    assert "warning" not in run.said()


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="no screen (pytest-xvfb makes one where Xvfb is)")
def test_a_window_that_crashes_is_back_with_its_camera_on(call):
    pytest.importorskip("PyQt5")
    run = call("--demo", "--camera")
    run.wait_for_ticks(30)
    window = run.worker()
    os.kill(window, signal.SIGSEGV)
    another = wait_for(lambda: next((pid for pid in children(run.process.pid) if pid != window), None), "a window")
    usual = light(run.ticks()[:30])
    wait_for(lambda: light(run.ticks()[-5:]) > 0.8 * usual and run.ticks()[-1].at_s > run.ticks()[30].at_s + 3, "it")
    os.kill(another, signal.SIGTERM)
    run.process.wait(60)
    assert run.count("open") == run.count("close") == 1
    assert max(gaps(run.ticks())) < SEEN_S
    assert "ended by SIGSEGV" in run.said()


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_told_to_stop_both_processes_stop(call, number):
    run = call("overlay", "--source", "demo")
    run.wait_for_ticks(10)
    worker = run.worker()
    run.process.send_signal(number)
    if number == signal.SIGINT:
        os.kill(worker, number)  # a terminal tells both
    assert run.process.wait(60) == 130
    assert run.count("close") == 1
    assert not is_running(worker)
    assert run.said().splitlines().count("stopped") == 1


def test_nobody_goes_on_when_the_first_process_is_killed(call):
    run = call("overlay", "--source", "demo")
    run.wait_for_ticks(10)
    worker = run.worker()
    run.process.kill()
    run.process.wait(20)
    wait_for(lambda: not is_running(worker), "the end of the other process")
    assert "the process that keeps the virtual camera has ended" in run.said()
    assert not children(worker)
