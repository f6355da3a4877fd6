"""The descriptors of a frame in float64 numpy: formulas alone. make_goldens.py holds them against librosa, pyAudioAnalysis
and scipy.

A descriptor takes its settings and the clip, and gives one value a frame. The clip holds
    samples    [frames, length], after the removal of DC, before pre-emphasis; windowed: the same under the window
    inside     [frames, length], True for a sample of the recording, False for padding
    magnitudes [frames, bins] of the descriptors' own FFT; bin_hz, rate_hz, full_scale
"""
import numpy as np

EPS = np.finfo(np.float64).eps


def silence(clip):
    """What the SVM reference system adds to magnitudes, and to energies, in amplitudes of 16 bits."""
    return 1e-7 * clip.full_scale / 32768


def silent_energy(clip):
    return silence(clip) * clip.full_scale / 32768


def zero_crossing_rate(feature, clip):
    x = clip.samples
    pairs = clip.inside[:, 1:] & clip.inside[:, :-1]
    if feature.get('convention') == 'pyaudioanalysis':
        return (np.abs(np.diff(np.sign(x))) * pairs).sum(axis=1) / (2 * (x.shape[1] - 1))
    negative = x < -1e-10 * clip.full_scale
    return ((negative[:, 1:] != negative[:, :-1]) & pairs).sum(axis=1) / x.shape[1]


def energy(feature, clip):
    return ((clip.windowed if feature.get('windowed') else clip.samples) ** 2).mean(axis=1)


def rms(feature, clip):
    return np.sqrt(energy(feature, clip))


def block_entropy(values, blocks, floor):
    length = values.shape[1] // blocks
    energies = (values[:, : length * blocks] ** 2).reshape(len(values), blocks, length).sum(axis=2)
    share = energies / ((values**2).sum(axis=1, keepdims=True) + floor)
    return -(share * np.log2(share + EPS)).sum(axis=1)


def energy_entropy(feature, clip):
    x = clip.windowed if feature.get('windowed') else clip.samples
    return block_entropy(x, feature.get('blocks', 10), silent_energy(clip))


def below_nyquist(clip):
    """pyAudioAnalysis' half of the spectrum, divided by the frame's length."""
    return clip.magnitudes[:, : clip.fft_size // 2] / clip.samples.shape[1]


def spectral_entropy(feature, clip):
    return block_entropy(below_nyquist(clip), feature.get('blocks', 10), silent_energy(clip))


def axis(feature, clip):
    """-> frequencies, magnitudes, unit of the result"""
    if feature.get('convention') != 'pyaudioanalysis':
        return np.arange(clip.magnitudes.shape[1]) * clip.bin_hz, clip.magnitudes, 1
    a = below_nyquist(clip)
    nyquist = clip.rate_hz / 2
    return np.arange(1, a.shape[1] + 1) * nyquist / a.shape[1], a, nyquist


def shares(a):
    return a / np.maximum(a.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)


def central_moment(f, p, order):
    away = f - (p * f).sum(axis=1, keepdims=True)
    return (p * away**order).sum(axis=1)


def spectral_centroid(feature, clip):
    f, a, unit = axis(feature, clip)
    return (shares(a) * f).sum(axis=1) / unit


def spectral_bandwidth(feature, clip):
    f, a, unit = axis(feature, clip)
    return np.sqrt(central_moment(f, shares(a), 2)) / unit


def standardised(order):
    def descriptor(feature, clip):
        f, a, _ = axis(feature, clip)
        p = shares(a)
        variance = central_moment(f, p, 2)
        return np.where(variance > 0, central_moment(f, p, order) / np.maximum(variance, 1e-300) ** (order / 2), 0)

    return descriptor


def spectral_flux(feature, clip):
    a = below_nyquist(clip)
    p = a / (a + silence(clip)).sum(axis=1, keepdims=True)
    return np.concatenate([np.zeros(min(1, len(p))), (np.diff(p, axis=0) ** 2).sum(axis=1)])


def spectral_flatness(feature, clip):
    power = np.maximum(clip.magnitudes**2, 1e-10)
    return np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1)


def spectral_roll_off(feature, clip):
    share = feature.get('share', 0.85)
    if feature.get('convention') == 'pyaudioanalysis':
        a = below_nyquist(clip)
        total = np.cumsum(a**2, axis=1)
        return np.argmax(total + silent_energy(clip) > share * total[:, -1:], axis=1) / a.shape[1]
    total = np.cumsum(clip.magnitudes, axis=1)
    return np.argmax(total >= share * total[:, -1:], axis=1) * clip.bin_hz


def spectral_slope(feature, clip):
    a = clip.magnitudes
    f = np.arange(a.shape[1]) * clip.bin_hz
    away = f - f.mean()
    return (shares(a) * away).sum(axis=1) / (away**2).sum()


DESCRIPTORS = {
    'zero-crossing-rate': zero_crossing_rate, 'energy': energy, 'rms': rms, 'energy-entropy': energy_entropy,
    'spectral-centroid': spectral_centroid, 'spectral-bandwidth': spectral_bandwidth,
    'spectral-skewness': standardised(3), 'spectral-kurtosis': standardised(4), 'spectral-entropy': spectral_entropy,
    'spectral-flux': spectral_flux, 'spectral-flatness': spectral_flatness, 'spectral-roll-off': spectral_roll_off,
    'spectral-slope': spectral_slope,
}
