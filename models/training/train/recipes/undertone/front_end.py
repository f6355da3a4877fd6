"""What undertone-s and undertone-m share.

undertone-logmel-64: frames of 25 ms every 10 ms; windows of 3 s every 1.5 s.
"""

from __future__ import annotations

import math

from ...graph_input import GraphInput
from ...windows import Window

BANDS = 64
FLOOR = math.log(1e-7)
"""What silence and padding hold, in nepers of power."""
WINDOW_S, HOP_S = 3.0, 1.5
WINDOW_FRAMES, HOP_FRAMES = 300, 150

WINDOW = Window(WINDOW_S, HOP_S, "recording", pad_value=FLOOR)
INPUT = GraphInput("logmel", ("batch", "frames", "columns"), frames=WINDOW_FRAMES, hop_frames=HOP_FRAMES, windows=16)
CORPUS_WEIGHT = {"ravdess": 1.0, "tess": 0.3, "emodb": 2.0}
"""Two talkers of TESS would otherwise be two fifths of what is heard, and Emo-DB is small."""
