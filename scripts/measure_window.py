"""How quickly the window is there, how long it keeps anybody waiting, and what it costs while it rests in the tray.

    PYTHONPATH=. xvfb-run -a python scripts/measure_window.py [--json]

Three starts in processes of their own: from the start of Python to the first labelled picture of the demo, the longest
time in which the window answered nothing, and the processor's share while it is away with nothing to send.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

_RESTS_S = 5.0


def child(began_s: float) -> None:
    """One start, in a process of its own; prints what was measured."""
    os.environ.setdefault("AFFECTCAM_HOME", tempfile.mkdtemp())
    from app.gui.qt_environment import free_qt_from_opencv

    free_qt_from_opencv()
    from PyQt5.QtCore import QTimer

    from app.gui.application import make_application
    from app.gui.bridge import Bridge
    from app.gui.keeper import Keeper
    from app.gui.main_window import MainWindow
    from app.gui.presence import Presence
    from app.gui.theme import apply_theme
    from app.settings import Settings

    application = make_application()
    apply_theme(application, "light")
    settings = Settings(welcomed=True)
    bridge = Bridge(settings)
    window = MainWindow(bridge, Keeper(settings, None))
    presence = Presence(window, None)
    figures: dict[str, float] = {}
    beats = [time.monotonic()]
    longest = [0.0]

    def beat() -> None:
        now = time.monotonic()
        longest[0] = max(longest[0], now - beats[0])
        beats[0] = now

    heart = QTimer()
    heart.timeout.connect(beat)

    def labelled(_time_s: float, readings: tuple[object, ...]) -> None:
        if readings and "first_labelled_s" not in figures and window.view.picture is not None:
            figures["first_labelled_s"] = time.time() - began_s
            QTimer.singleShot(3000, rest)

    def rest() -> None:
        heart.stop()
        figures["longest_silence_s"] = longest[0]
        presence.put_away()
        QTimer.singleShot(1500, lambda: (begin.extend([time.process_time(), time.monotonic()]), None)[1])
        QTimer.singleShot(round(1500 + 1000 * _RESTS_S), end)

    begin: list[float] = []

    def end() -> None:
        figures["resting_share"] = (time.process_time() - begin[0]) / (time.monotonic() - begin[1])
        window.leaving = True
        window.close()
        application.quit()

    bridge.readings.connect(labelled)
    window.show()
    figures["shown_s"] = time.time() - began_s
    window.start_on("demo")
    heart.start(5)
    beats[0] = time.monotonic()
    application.exec_()
    bridge.join(10)
    print(json.dumps(figures))


def main() -> None:
    """Measure a few starts, and print the medians."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--json", action="store_true", help="print the figures of all starts as JSON")
    words.add_argument("--starts", type=int, default=3, help="how many")
    words.add_argument("--child", type=float, help=argparse.SUPPRESS)
    chosen = words.parse_args()
    if chosen.child is not None:
        child(chosen.child)
        return
    rows = []
    for _ in range(chosen.starts):
        command = [sys.executable, __file__, "--child", repr(time.time())]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        rows.append(json.loads(done.stdout.splitlines()[-1]))
    if chosen.json:
        print(json.dumps(rows, indent=1))
        return
    for name in rows[0]:
        values = sorted(row[name] for row in rows)
        print(f"{name:18} median {values[len(values) // 2]:.3f}  worst {values[-1]:.3f}")


if __name__ == "__main__":
    main()
