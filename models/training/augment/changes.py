"""What a copy may go through, in the order in which sound goes through it: voice, room, line, recorder.

A new change is one more line in CHANGES; ranges stand here alone, `--help` and the messages are made from it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import audiomentations
import numpy as np
from audiomentations.core.transforms_interface import BaseWaveformTransform

from .transforms import Reverberation, Samples, Telephone

Range = tuple[float, float]

RATE: Range = (0.85, 1.2)
SEMITONES: Range = (-2.0, 2.0)
SHIFT_S: Range = (-0.23, 0.23)
SNR_DB: Range = (5.0, 30.0)
GAIN_DB: Range = (-12.0, 6.0)
RT60_S: Range = (0.2, 0.8)
DIRECT_TO_REVERBERANT_DB: Range = (0.0, 12.0)
LINE_LOW_HZ: Range = (100.0, 300.0)
LINE_HIGH_HZ: Range = (3300.0, 3800.0)

MOST_CHANGES = 3
"""Of one copy. Each gets one to this many, all numbers alike."""


@dataclass(frozen=True)
class Given:
    """What the user set."""

    snr_db: Range
    noises: tuple[str, ...]
    """Files of `--noise-folder`, in order of name."""


@dataclass(frozen=True)
class Change:
    """One kind of change; `make` gives a transform that always acts."""

    what: str
    make: Callable[[Given], BaseWaveformTransform]


def _span(limits: Range, unit: str) -> str:
    return f"{limits[0]:g} to {limits[1]:g} {unit}"


CHANGES: dict[str, Change] = {
    "stretch": Change(
        f"time stretch, pitch kept: {_span(RATE, 'times as fast')}",
        lambda _: audiomentations.TimeStretch(*RATE, leave_length_unchanged=False, p=1.0),
    ),
    "pitch": Change(
        f"pitch shift, tempo kept: {_span(SEMITONES, 'semitones')}",
        lambda _: audiomentations.PitchShift(*SEMITONES, p=1.0),
    ),
    "shift": Change(
        f"time shift, what leaves at one end comes back at the other: {_span(SHIFT_S, 's')}",
        lambda _: audiomentations.Shift(*SHIFT_S, shift_unit="seconds", p=1.0),
    ),
    "reverb": Change(
        f"synthetic room: RT60 {_span(RT60_S, 's')}, direct to reverberant {_span(DIRECT_TO_REVERBERANT_DB, 'dB')}",
        lambda _: Reverberation(RT60_S, DIRECT_TO_REVERBERANT_DB),
    ),
    "noise": Change(
        f"white noise at a signal-to-noise ratio of --snr-db (default {_span(SNR_DB, 'dB')})",
        lambda given: audiomentations.AddGaussianSNR(*given.snr_db, p=1.0),
    ),
    "background": Change(
        "a stretch of a file of --noise-folder, repeated where it is short, at --snr-db",
        lambda given: audiomentations.AddBackgroundNoise(list(given.noises), *given.snr_db, p=1.0),
    ),
    "telephone": Change(
        f"band from {_span(LINE_LOW_HZ, 'Hz')} up to {_span(LINE_HIGH_HZ, 'Hz')}, 8 kHz; µ-law, A-law, GSM or MP3",
        lambda _: Telephone(LINE_LOW_HZ, LINE_HIGH_HZ),
    ),
    "gain": Change(
        f"gain: {_span(GAIN_DB, 'dB')}",
        lambda _: audiomentations.Gain(*GAIN_DB, p=1.0),
    ),
}


def changed(samples: Samples, rate_hz: int, names: Sequence[str], given: Given, seed: int) -> tuple[Samples, list[str]]:
    """Mono samples [n] after some of the changes `names`, and which they were; a function of its arguments alone."""
    # The library draws from both of these, and only from these.
    random.seed(seed)
    np.random.seed(seed % 2**32)
    drawn = set(random.sample(list(names), random.randint(1, min(MOST_CHANGES, len(names)))))
    applied = [name for name in CHANGES if name in drawn]
    for name in applied:
        samples = CHANGES[name].make(given)(samples, rate_hz)
    return samples, applied
