"""Chroma, constant-Q chroma, tonnetz and spectral contrast in float64 numpy, as librosa 0.11 defines them.

make_goldens.py holds them against librosa. One step is not librosa's own: the octaves of the constant-Q transform are
halved in rate by `halve`, a half-band filter, where librosa calls soxr.
"""
import numpy as np
import scipy.signal

C1_HZ = 440 * 2 ** (-45 / 12)
OCTAVES, BINS_PER_OCTAVE, CHROMA = 7, 36, 12
TINY = np.finfo(np.float32).tiny
TUNINGS = np.linspace(-0.5, 0.5, 101)


def normalise(rows, length):
    """Rows over their length; those shorter than the smallest normal float32 stay as they are."""
    return rows / np.where(length < TINY, 1, length)[:, None]


# --- tuning -----------------------------------------------------------------------------------------------------------


def peaks(spectrum, rate, size):
    """Interpolated spectral peaks of 150 to 4000 Hz (librosa.piptrack). spectrum: [frames, bins] -> Hz, height"""
    s = spectrum
    slope = (s[:, 2:] - s[:, :-2]) / 2
    bend = s[:, 2:] + s[:, :-2] - 2 * s[:, 1:-1]
    shift = np.where(np.abs(slope) >= np.abs(bend), 0, -slope / np.where(bend == 0, 1, bend))
    loud = s * (s > 0.1 * s.max(axis=1, keepdims=True))
    top = (loud[:, 1:-1] > loud[:, :-2]) & (loud[:, 1:-1] >= loud[:, 2:])
    hz = np.arange(1, s.shape[1] - 1) * rate / size
    frame, at = np.nonzero(top & (hz >= 150) & (hz < min(4000, rate / 2)))
    pitch = (at + 1 + shift[frame, at]) * rate / size
    return pitch, s[frame, at + 1] + slope[frame, at] * shift[frame, at] / 2


def tuning_index(spectrum, rate, size, bins_per_octave):
    """-> 0 ... 99: the hundredth of a bin, from -0.5 on, that most of the louder half of the peaks lie in."""
    pitch, height = peaks(spectrum, rate, size)
    if len(pitch) == 0:
        return 50
    residual = np.mod(bins_per_octave * np.log2(pitch[height >= np.median(height)] / 27.5), 1)
    residual[residual >= 0.5] -= 1
    return int(np.argmax(np.histogram(residual, TUNINGS)[0]))


# --- chroma of a spectrum ---------------------------------------------------------------------------------------------


def chroma_filters(rate, size, tuning):
    """-> [12, bins]"""
    octaves = np.log2(np.arange(1, size) * rate / size / (27.5 * 2 ** (tuning / CHROMA)))
    at = CHROMA * np.concatenate([[octaves[0] - 1.5], octaves])
    width = np.concatenate([np.maximum(np.diff(at), 1), [1]])
    distance = np.mod(at[None] - np.arange(CHROMA)[:, None] + 6, 12) - 6
    weights = np.exp(-0.5 * (2 * distance / width) ** 2)
    weights /= np.sqrt((weights**2).sum(axis=0))
    weights *= np.exp(-0.5 * ((at / CHROMA - 5) / 2) ** 2)
    return np.roll(weights, -3, axis=0)[:, : size // 2 + 1]


def chroma(spectrum, rate, size):
    """spectrum: [frames, bins], power or magnitude -> [frames, 12]"""
    tuning = TUNINGS[tuning_index(spectrum, rate, size, CHROMA)]
    rows = spectrum @ chroma_filters(rate, size, tuning).T
    return normalise(rows, rows.max(axis=1))


# --- constant Q -------------------------------------------------------------------------------------------------------


def low_pass():
    """Flat to 0.913 of half the Nyquist frequency, 102 dB down from half of it on (packages/dsp-native/src/signal/halve.h)."""
    attenuation, stop = 102, 0.25
    width = (1 - 0.913) * stop
    pairs = int(np.ceil((attenuation - 7.95) / (2.285 * 2 * np.pi * width) / 4))
    n = np.arange(-2 * pairs, 2 * pairs + 1)
    window = np.i0(0.1102 * (attenuation - 8.7) * np.sqrt(1 - (n / (2 * pairs + 1)) ** 2))
    taps = np.sinc((1 + 0.913) * stop * n) * window
    return taps / taps.sum()


def halve(x):
    """Every second sample of the filtered signal, which is 0 before and after itself."""
    taps = low_pass()
    return np.convolve(x, taps)[len(taps) // 2 :][: len(x) : 2] if len(x) else x


def filter_bank(frequencies, rate):
    """-> [filters, bins], FFT size: Hann windows of Q periods, without their smallest bins, a hundredth of their sum"""
    ratio = 2 ** (2 / BINS_PER_OCTAVE)
    lengths = (ratio + 1) / (ratio - 1) * rate / frequencies
    size = int(2 ** np.ceil(np.log2(lengths.max())))
    bank = np.zeros((len(frequencies), size), complex)
    for row, length, hz in zip(bank, lengths, frequencies):
        n = np.arange(-np.ceil(length / 2), np.floor(length / 2))
        window = scipy.signal.get_window('hann', len(n))
        row[size // 2 + n.astype(int)] = window / window.sum() * np.exp(2j * np.pi * hz / rate * n)
    bank = np.fft.fft(bank, axis=1)[:, : size // 2 + 1] / size * np.sqrt(lengths)[:, None]
    sizes = np.sort(np.abs(bank), axis=1)
    first_kept = np.argmax(np.cumsum(sizes, axis=1) >= 0.01 * sizes.sum(axis=1, keepdims=True), axis=1)
    return np.where(np.abs(bank) >= np.take_along_axis(sizes, first_kept[:, None], 1), bank, 0), size


def constant_q(x, rate, hop, tuning):
    """-> [252, frames]: magnitudes"""
    frequencies = C1_HZ * 2 ** ((np.arange(OCTAVES * BINS_PER_OCTAVE) + tuning) / BINS_PER_OCTAVE)
    ratio = 2 ** (2 / BINS_PER_OCTAVE)
    highest = frequencies[-1] * (1 + 0.5 * 1.50018310546875 * (ratio - 1) / (ratio + 1))
    twos = (hop & -hop).bit_length() - 1
    early = min(max(0, int(np.ceil(np.log2(rate / 2 / highest))) - 2), max(0, twos - OCTAVES + 1))
    frame_count = 1 + len(x) // hop
    for _ in range(early):
        x, rate, hop = halve(x), rate / 2, hop // 2
    whole_rate, octaves = rate, []
    for octave in reversed(range(OCTAVES)):
        bank, size = filter_bank(frequencies[octave * BINS_PER_OCTAVE : (octave + 1) * BINS_PER_OCTAVE], rate)
        padded = np.pad(x, (size // 2, size + hop))
        spectra = np.fft.rfft([padded[t * hop : t * hop + size] for t in range(frame_count)], axis=1)
        octaves.insert(0, np.abs(bank @ spectra.T) * np.sqrt(whole_rate / rate))
        if hop % 2 == 0:
            x, rate, hop = halve(x), rate / 2, hop // 2
    return np.concatenate(octaves)


def chroma_cqt(x, rate, hop):
    """-> [frames, 12]"""
    padded = np.pad(x, 1024)
    frames = np.stack([padded[t : t + 2048] for t in range(0, len(x) + 1, 512)])
    magnitudes = np.abs(np.fft.rfft(frames * scipy.signal.get_window('hann', 2048), axis=1))
    tuning = TUNINGS[tuning_index(magnitudes, rate, 2048, BINS_PER_OCTAVE)]
    magnitudes = constant_q(x, rate, hop, tuning)
    rows = np.zeros((magnitudes.shape[1], CHROMA))
    for k, values in enumerate(magnitudes):
        rows[:, (k + 1) // 3 % CHROMA] += values
    return normalise(rows, rows.max(axis=1))


def tonnetz(chroma_rows):
    """[frames, 12] -> [frames, 6]"""
    shares = normalise(chroma_rows, chroma_rows.sum(axis=1))
    angles = np.pi * np.arange(CHROMA)
    circles = [(1, 7 / 6), (1, 3 / 2), (0.5, 2 / 3)]
    return np.stack([shares @ (r * f(turns * angles)) for r, turns in circles for f in (np.sin, np.cos)], axis=1)


# --- spectral contrast ------------------------------------------------------------------------------------------------


def to_db(values):
    db = 10 * np.log10(np.maximum(values, 1e-10))
    return np.maximum(db, db.max() - 80)


def contrast(magnitudes, rate, size, f_min, bands, quantile):
    """magnitudes: [frames, bins] -> [frames, bands + 1]"""
    hz = np.arange(magnitudes.shape[1]) * rate / size
    edges = np.concatenate([[0], f_min * 2.0 ** np.arange(bands + 1)])
    peaks, valleys = [], []
    for band, (low, high) in enumerate(zip(edges, edges[1:])):
        inside = np.flatnonzero((hz >= low) & (hz <= high))
        first, last = inside[0] - (band > 0), (len(hz) - 1 if band == bands else inside[-1])
        kept = max(1, int(np.rint(quantile * (last + 1 - first))))
        ordered = np.sort(magnitudes[:, first : last + (band == bands)], axis=1)
        peaks.append(ordered[:, -kept:].mean(axis=1))
        valleys.append(ordered[:, :kept].mean(axis=1))
    return (to_db(np.array(peaks)) - to_db(np.array(valleys))).T


# --- rows -------------------------------------------------------------------------------------------------------------

KINDS = ('chroma', 'chroma-cqt', 'tonnetz', 'spectral-contrast')


def columns(feature, x, windowed, s):
    """One feature. x: conditioned samples; windowed: [frames, lengthSamples]; s: resolved settings -> [frames, columns]"""
    rate, hop, size = s['sampleRateHz'], s['frame']['hopSamples'], s['frame']['fftSize']
    if feature['kind'] == 'chroma':
        exponent = 1 if feature.get('spectrum') == 'magnitude' else 2
        return chroma(np.abs(np.fft.rfft(windowed, size, axis=1)) ** exponent, rate, size)
    if feature['kind'] == 'chroma-cqt':
        return chroma_cqt(x, rate, hop)
    if feature['kind'] == 'tonnetz':
        return tonnetz(chroma_cqt(x, rate, hop))
    size = s['spectrum'].get('descriptorFftSize') or size
    magnitudes = np.abs(np.fft.rfft(windowed, size, axis=1))
    settings = feature.get('fMinHz', 200), feature.get('bands', 6), feature.get('quantile', 0.02)
    return contrast(magnitudes, rate, size, *settings)
