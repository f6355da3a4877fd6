"""The two changes that audiomentations does not have as we need them: a telephone line, and a room without a simulator.

Both are transforms of audiomentations: in and out mono float32 samples [n], parameters drawn from `random` and
`numpy.random`.
"""

from __future__ import annotations

import io
import random

import numpy as np
import numpy.typing as npt
import soundfile
import soxr
from audiomentations.core.transforms_interface import BaseWaveformTransform
from scipy.signal import butter, fftconvolve, sosfilt

Samples = npt.NDArray[np.float32]

TELEPHONE_HZ = 8000
CODECS = {
    "mulaw": ("WAV", "ULAW"),
    "alaw": ("WAV", "ALAW"),
    "gsm": ("WAV", "GSM610"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
"""What libsndfile calls them: G.711 µ-law and A-law, GSM 06.10 full rate, MPEG-2.5 layer III."""


class Telephone(BaseWaveformTransform):  # type: ignore[misc]
    """A line's band, 8 kHz, and one of CODECS; back at the recording's rate and length."""

    def __init__(self, low_hz: tuple[float, float], high_hz: tuple[float, float], p: float = 1.0) -> None:
        super().__init__(p)
        self.low_hz = low_hz
        self.high_hz = high_hz

    def randomize_parameters(self, samples: Samples, sample_rate: int) -> None:
        super().randomize_parameters(samples, sample_rate)
        self.parameters["low_hz"] = random.uniform(*self.low_hz)
        self.parameters["high_hz"] = random.uniform(*self.high_hz)
        self.parameters["codec"] = random.choice(sorted(CODECS))

    def apply(self, samples: Samples, sample_rate: int) -> Samples:
        band = (self.parameters["low_hz"], self.parameters["high_hz"])
        narrow = soxr.resample(samples, sample_rate, TELEPHONE_HZ)
        narrow = sosfilt(butter(4, band, "bandpass", fs=TELEPHONE_HZ, output="sos"), narrow)
        container, subtype = CODECS[self.parameters["codec"]]
        line = io.BytesIO()
        # A little below full scale: the codecs clip.
        peak = max(1.0, float(np.abs(narrow).max(initial=0.0)) / 0.99)
        soundfile.write(line, narrow / peak, TELEPHONE_HZ, format=container, subtype=subtype)
        line.seek(0)
        heard, _ = soundfile.read(line, dtype="float32")
        return _fit(soxr.resample(heard * np.float32(peak), TELEPHONE_HZ, sample_rate), len(samples))


class Reverberation(BaseWaveformTransform):  # type: ignore[misc]
    """A synthetic room impulse response: the direct sound, then noise that decays by 60 dB in RT60 (Polack 1988).

    The tail is kept: the copy is longer by up to RT60. The level of the direct sound stays as it was.
    """

    def __init__(
        self,
        rt60_s: tuple[float, float],
        direct_to_reverberant_db: tuple[float, float],
        first_reflection_s: tuple[float, float] = (0.002, 0.02),
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        self.rt60_s = rt60_s
        self.direct_to_reverberant_db = direct_to_reverberant_db
        self.first_reflection_s = first_reflection_s

    def randomize_parameters(self, samples: Samples, sample_rate: int) -> None:
        super().randomize_parameters(samples, sample_rate)
        self.parameters["rt60_s"] = random.uniform(*self.rt60_s)
        self.parameters["direct_to_reverberant_db"] = random.uniform(*self.direct_to_reverberant_db)
        self.parameters["first_reflection_s"] = random.uniform(*self.first_reflection_s)

    def apply(self, samples: Samples, sample_rate: int) -> Samples:
        rt60_s = self.parameters["rt60_s"]
        time_s = np.arange(round(rt60_s * sample_rate)) / sample_rate
        tail = np.random.normal(size=len(time_s)) * 10.0 ** (-3.0 * time_s / rt60_s)
        tail[time_s < self.parameters["first_reflection_s"]] = 0.0
        energy = 10.0 ** (-self.parameters["direct_to_reverberant_db"] / 10.0)
        response = tail * np.sqrt(energy / np.sum(tail * tail))
        response[0] = 1.0
        heard: Samples = fftconvolve(samples, response).astype(np.float32)
        return heard


def _fit(samples: Samples, length: int) -> Samples:
    """Cut or filled with zeros: codecs work in blocks."""
    fitted: Samples = np.pad(samples[:length], (0, max(0, length - len(samples)))).astype(np.float32)
    return fitted
