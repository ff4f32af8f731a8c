"""ONNX Runtime with its telemetry off: the one place where it is imported.

Since 1.29 its builds report models and runs to Microsoft and keep a number for this machine in the user's cache
(docs/decisions/nothing-leaves.md). The variable is read once, when the library starts; the call is for builds that know
no such variable.
"""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

onnxruntime.disable_telemetry_events()

__all__ = ["onnxruntime"]
