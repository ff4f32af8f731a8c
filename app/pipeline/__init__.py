"""From a frame to its readings."""
