"""affectcam as it is, but for one thing: an emulated machine takes seconds for a reading, and it is drawn all the same.

``python tests/system/patient_app.py WORDS`` is ``python -m app WORDS``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.cli import main
from app.pipeline import live

live.STALE_AFTER_S = 60.0

if __name__ == "__main__":
    sys.exit(main())
