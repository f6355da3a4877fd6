"""The audio that all sides work on: speech-like and deterministic, or a folder of recordings."""

import pathlib

import numpy as np

SUFFIXES = {'.wav', '.flac', '.ogg', '.mp3'}


def speech_like(seconds: float, rate: int) -> np.ndarray:
    """Voiced syllables (harmonics of a gliding pitch under formants), hiss and pauses; peak 0.8; float32."""
    random = np.random.default_rng(20240501)
    time = np.arange(round(seconds * rate)) / rate
    pitch = 130 + 40 * np.sin(2 * np.pi * 0.31 * time) + 15 * np.sin(2 * np.pi * 1.7 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    formants = (500 + 200 * np.sin(2 * np.pi * 2.1 * time), 1500 + 500 * np.sin(2 * np.pi * 1.3 * time))
    voice = np.zeros_like(time)
    for harmonic in range(1, 41):
        hz = harmonic * pitch
        gain = sum(np.exp(-(((hz - formant) / 250) ** 2)) for formant in formants) + 0.02
        voice += np.where(hz < 0.45 * rate, gain, 0) * np.sin(harmonic * phase)
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * time) + 0.4, 0, None) * (np.sin(2 * np.pi * 0.23 * time) > -0.8)
    signal = voice * syllables + 0.05 * random.standard_normal(len(time)) * (1 + syllables)
    return (0.8 * signal / np.abs(signal).max()).astype(np.float32)


def from_folder(folder: str, seconds: float, rate: int) -> np.ndarray:
    """The recordings of a folder in order of name, mixed, at `rate`, one after the other until there are `seconds`."""
    import soundfile
    import soxr

    wanted = round(seconds * rate)
    pieces: list[np.ndarray] = []
    for path in sorted(pathlib.Path(folder).rglob('*')):
        if path.suffix.lower() not in SUFFIXES:
            continue
        samples, own_rate = soundfile.read(path, dtype='float32', always_2d=True)
        pieces.append(soxr.resample(samples.mean(axis=1), own_rate, rate, quality='VHQ').astype(np.float32))
        if sum(map(len, pieces)) >= wanted:
            return np.concatenate(pieces)[:wanted]
    raise SystemExit(f'{folder} has less than {seconds:g} s of recordings ({", ".join(sorted(SUFFIXES))})')


def write_wav(path: pathlib.Path, samples: np.ndarray, rate: int) -> None:
    """16-bit mono."""
    import soundfile

    soundfile.write(path, samples, rate, subtype='PCM_16')
