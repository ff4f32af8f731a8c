import json

import pytest

from tests.benchmarks.guard import RATIOS, WORSE, YARDSTICK, best_ratios, kind_of_processor, worse


def test_a_quarter_worse_is_told_and_less_is_not() -> None:
    before = {"detect": 0.05, "draw": 0.01}
    assert worse({"detect": 0.05 * WORSE * 0.999, "draw": 0.002}, before) == []
    (line,) = worse({"detect": 0.05 * WORSE * 1.01, "draw": 0.01}, before)
    assert "detect" in line
    assert worse({"draw": 0.01}, before) == ["detect: no longer measured"]


def test_the_best_of_each_counts_and_a_disturbed_yardstick_does_not() -> None:
    runs = [{YARDSTICK: 200.0, "a": 30.0, "b": 10.0}, {YARDSTICK: 900.0, "a": 20.0, "b": 40.0}]
    assert best_ratios(runs) == {"a": 0.1, "b": 0.05}


@pytest.mark.parametrize(
    ("flags", "kind"),
    [("sse avx2 fma", "avx2"), ("avx2 avx512f avx512_vnni", "avx512_vnni"), ("avx512_vnni amx_int8", "amx_int8")],
)
def test_the_most_capable_instructions_tell_the_kind(flags: str, kind: str) -> None:
    assert kind_of_processor(flags) == kind


def test_what_is_committed_can_be_compared() -> None:
    for ratios in json.loads(RATIOS.read_text()).values():
        assert worse(ratios, ratios) == []
        assert all(0 < ratio < 1 for ratio in ratios.values())
