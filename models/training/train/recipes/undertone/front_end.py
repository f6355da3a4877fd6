"""Sizes of undertone-logmel-64: frames of 25 ms every 10 ms; windows of 3 s every 1.5 s."""

from __future__ import annotations

import math

BANDS = 64
FLOOR = math.log(1e-7)
"""What silence and padding hold, in nepers of power."""
WINDOW_S, HOP_S = 3.0, 1.5
WINDOW_FRAMES, HOP_FRAMES = 300, 150
