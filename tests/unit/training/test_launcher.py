"""What the launcher makes of the ways in which its processes ended; they themselves run in test_training_shared.py."""

from __future__ import annotations

import signal
import sys
from types import SimpleNamespace

import pytest

pytest.importorskip("torch", reason="training needs its extra")

from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

from training import launcher

KILLED, ENDED = -9, -int(signal.SIGTERM)  # as torchrun tells signals


@pytest.mark.parametrize(
    ("codes", "runs", "code"),
    [
        ([1], 1, 1),  # an error was said
        ([1, ENDED], 1, 1),  # and torchrun ended the other one
        ([ENDED, 2], 1, 2),
        ([ENDED], 1, 128 + 15),  # somebody ended it
        ([KILLED], 4, 128 + 9),  # lost, again and again
        ([KILLED, ENDED], 4, 128 + 9),
        ([1, KILLED], 4, 128 + 9),  # the other one missed it
    ],
)
def test_only_what_was_lost_is_begun_again(codes, runs, code, monkeypatch):
    begun = []

    def torchrun(words):
        begun.append(words)
        failures = {rank: SimpleNamespace(exitcode=each) for rank, each in enumerate(codes)}
        raise _FailedError(failures)

    monkeypatch.setattr(launcher, "torchrun", torchrun)
    monkeypatch.setattr(sys, "argv", ["launcher", "--standalone", "--max-restarts=3", "-m", "x"])
    with pytest.raises(SystemExit) as ended:
        launcher.main()
    assert ended.value.code == code
    assert begun == [["--standalone", "-m", "x"]] * runs


class _FailedError(ChildFailedError):
    """As torchrun raises it, without the story."""

    def __init__(self, failures):
        Exception.__init__(self, "failed")
        self.failures = failures
