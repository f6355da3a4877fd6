"""The windows that serving cuts: packages/shared/src/grid.ts and packages/inference/src/window.ts say the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .features import FloatArray, Floats, Ints, Recording


@dataclass(frozen=True)
class Window:
    """A card's window."""

    length_s: float
    hop_s: float
    scope: Literal["recording", "window"]
    """recording: windows are slices of the recording's frames; window: each is an utterance of its own."""
    pad_value: float = 0.0
    """Fills the rows that a short window lacks."""
    min_s: float = 0.25

    def count(self, duration_s: float) -> int:
        """Windows of a recording of `duration_s` seconds."""
        # 1e-9: a duration read back from three decimals must not open a window for a rounding error.
        if duration_s <= self.length_s + 1e-9:
            return 1
        count = 1 + math.ceil((duration_s - self.length_s) / self.hop_s - 1e-9)
        return count - 1 if duration_s - (count - 1) * self.hop_s < self.min_s else count

    def real_seconds(self, duration_s: float, index: int) -> float:
        """Seconds of the recording inside window `index`: the weight of its probabilities in the recording's."""
        start = index * self.hop_s
        return max(0.0, min(duration_s, start + self.length_s) - start)

    def card(self) -> dict[str, Any]:
        return {
            "lengthS": self.length_s,
            "hopS": self.hop_s,
            "offsetS": 0,
            "scope": self.scope,
            "padValue": self.pad_value,
            "minS": self.min_s,
        }


@dataclass(frozen=True)
class Cut:
    """Windows of several recordings."""

    windows: FloatArray
    """[windows, rows, columns]"""
    owner: Ints
    """[windows]: index of the recording."""
    seconds: FloatArray
    """[windows]: real seconds."""


@dataclass(frozen=True)
class Cutter:
    """Cuts the windows that a model is served, from features of whole recordings."""

    window: Window
    rows: int
    """Rows of a window that reach the model."""
    frames_per_s: float
    """Of the front-end; sets of statistics have no use for it."""

    def can(self, recording: Recording) -> bool:
        """Whether features of the whole recording hold its windows.

        A window that is an utterance of its own is not in them unless it is the whole recording.
        """
        fits = recording.duration_s <= self.window.length_s + 1e-9
        return recording.duration_s >= self.window.min_s and (self.window.scope == "recording" or fits)

    def cut(self, recordings: Sequence[Recording]) -> Cut:
        """Every window of recordings that can be cut."""
        windows, owner, seconds = [], [], []
        for index, recording in enumerate(recordings):
            for number in range(self.window.count(recording.duration_s)):
                windows.append(self._one(recording.values, number))
                owner.append(index)
                seconds.append(self.window.real_seconds(recording.duration_s, number))
        return Cut(np.stack(windows), np.asarray(owner, dtype=np.int64), np.asarray(seconds, dtype=np.float32))

    def _one(self, values: FloatArray, number: int) -> FloatArray:
        out = np.full((self.rows, values.shape[1]), self.window.pad_value, dtype=np.float32)
        first, length = 0, self.rows
        if self.window.scope == "recording":
            first = number * round(self.window.hop_s * self.frames_per_s)
            length = min(length, round(self.window.length_s * self.frames_per_s))
        part = values[first : first + length]
        out[: len(part)] = part
        return out


def recording_mean(probabilities: Floats, cut: Cut, recordings: int) -> Floats:
    """[recordings, classes]: window probabilities [windows, classes] averaged by their real seconds."""
    seconds = cut.seconds.astype(np.float64)
    total = np.zeros((recordings, probabilities.shape[1]))
    np.add.at(total, cut.owner, probabilities * seconds[:, None])
    mass = np.zeros(recordings)
    np.add.at(mass, cut.owner, seconds)
    return np.asarray(total / mass[:, None])
