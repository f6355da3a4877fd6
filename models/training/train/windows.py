"""The window grid that serving uses, in frames of 10 ms.

Windows of 3.0 s every 1.5 s; frames past the end of the recording hold the floor of the front-end.
One window up to 3 s, else 1 + ceil((D - 3) / 1.5), D being the duration in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .dataset import FloatArray, Recording

WINDOW_S = 3.0
HOP_S = 1.5
WINDOW_FRAMES = 300
HOP_FRAMES = 150
FLOOR = math.log(1e-7)


def window_count(duration_s: float) -> int:
    """Number of windows of a recording of `duration_s` seconds."""
    # 1e-9: a duration read back from three decimals must not open a window for a rounding error.
    if duration_s <= WINDOW_S + 1e-9:
        return 1
    return 1 + math.ceil((duration_s - WINDOW_S) / HOP_S - 1e-9)


def real_seconds(duration_s: float, window: int) -> float:
    """Seconds of the recording inside window `window`: the weight of its probabilities in the file's."""
    start = window * HOP_S
    return max(0.0, min(duration_s, start + WINDOW_S) - start)


def cut(logmel: FloatArray, window: int) -> FloatArray:
    """[WINDOW_FRAMES, bands]: window `window` of a recording [frames, bands], padded with FLOOR."""
    out = np.full((WINDOW_FRAMES, logmel.shape[1]), FLOOR, dtype=np.float32)
    part = logmel[window * HOP_FRAMES : window * HOP_FRAMES + WINDOW_FRAMES]
    out[: len(part)] = part
    return out


def cut_all(recordings: Sequence[Recording]) -> tuple[FloatArray, npt.NDArray[np.int64], FloatArray]:
    """Every window of every recording.

    Returns windows [windows, WINDOW_FRAMES, bands], the index of each one's recording [windows],
    and its weight in seconds [windows].
    """
    cuts: list[FloatArray] = []
    owner: list[int] = []
    weight: list[float] = []
    for index, recording in enumerate(recordings):
        for window in range(window_count(recording.duration_s)):
            cuts.append(cut(recording.logmel, window))
            owner.append(index)
            weight.append(real_seconds(recording.duration_s, window))
    return np.stack(cuts), np.asarray(owner, dtype=np.int64), np.asarray(weight, dtype=np.float32)


def file_probabilities(
    probabilities: npt.NDArray[np.float64],
    owner: npt.NDArray[np.int64],
    weight: FloatArray,
    files: int,
) -> npt.NDArray[np.float64]:
    """[files, classes]: window probabilities [windows, classes] averaged by their real seconds."""
    total = np.zeros((files, probabilities.shape[1]))
    np.add.at(total, owner, probabilities * weight[:, None].astype(np.float64))
    mass = np.zeros(files)
    np.add.at(mass, owner, weight.astype(np.float64))
    return total / mass[:, None]
