"""MediaPipe is imported without Matplotlib, which still works for whoever plots, before, meanwhile or after."""

from __future__ import annotations

import subprocess
import sys

import pytest

DETECT = "from model.detector import FaceDetector\nwith FaceDetector(mode='image') as detector: pass\n"
PLOT = "from matplotlib.figure import Figure\nFigure().savefig('/dev/null', format='png')\n"


def run(project_root, text):
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=project_root, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_detector_brings_no_matplotlib(project_root):
    text = f"import sys\n{DETECT}print(any(name.partition('.')[0] == 'matplotlib' for name in sys.modules))"
    assert run(project_root, text) == ["False"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no /dev/null to plot into")
@pytest.mark.parametrize("text", [DETECT + PLOT, PLOT + DETECT + PLOT], ids=["after", "before"])
def test_plots_can_be_made(project_root, text):
    pytest.importorskip("matplotlib")
    assert run(project_root, text + "print('plotted')") == ["plotted"]


def test_what_was_imported_meanwhile_becomes_the_real_one_when_it_is_used(project_root):
    pytest.importorskip("matplotlib")
    text = (
        "import sys\n"
        "from model.plots_on_demand import plots_on_demand\n"
        "with plots_on_demand():\n"
        "    import matplotlib.pyplot as plots\n"
        "    print('matplotlib.figure' in sys.modules)\n"
        "print(plots.Figure.__module__, 'matplotlib.figure' in sys.modules)\n"
        "import matplotlib.pyplot\n"
        "print(matplotlib.pyplot.Figure is plots.Figure)\n"
    )
    assert run(project_root, text) == ["False", "matplotlib.figure", "True", "True"]
