"""The desktop window (PyQt5)."""
