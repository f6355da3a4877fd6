"""Holds reference_descriptors.py against the tools it follows: librosa, pyAudioAnalysis, scipy. make_goldens.py runs it.

pyAudioAnalysis' ShortTermFeatures module needs nothing but numpy, scipy, matplotlib and tqdm; its package asks for much
more, hence:  pip install matplotlib tqdm && pip install --no-deps pyAudioAnalysis==0.3.14
"""
import librosa
import numpy as np
import scipy.stats

import reference

LIBROSA_FRAME = {'lengthSamples': 2048, 'hopSamples': 512, 'fftSize': 2048, 'placement': 'centre'}
LIBROSA = {'sampleRateHz': 22050, 'frame': LIBROSA_FRAME}
RECTANGULAR = {
    'sampleRateHz': 16000,
    'frame': {'lengthSamples': 400, 'hopSamples': 160, 'fftSize': 400, 'window': 'rectangular'},
}
PYAUDIOANALYSIS = [
    {'kind': 'zero-crossing-rate', 'convention': 'pyaudioanalysis'}, {'kind': 'energy'}, {'kind': 'energy-entropy'},
    {'kind': 'spectral-centroid', 'convention': 'pyaudioanalysis'},
    {'kind': 'spectral-bandwidth', 'convention': 'pyaudioanalysis'}, {'kind': 'spectral-entropy'},
    {'kind': 'spectral-flux'}, {'kind': 'spectral-roll-off', 'share': 0.9, 'convention': 'pyaudioanalysis'},
]


def hold(name, ours, theirs, tolerance=1e-9):
    assert ours.shape == theirs.shape, (name, ours.shape, theirs.shape)
    scale = np.maximum(np.abs(theirs), np.sqrt((theirs**2).mean(axis=0, keepdims=True)))
    error = (np.abs(ours - theirs) / np.maximum(scale, 1e-300)).max()
    assert error < tolerance, (name, error)


def check_librosa(x):
    y, f = x.astype(np.float64), librosa.feature
    s = np.abs(librosa.stft(y, pad_mode='constant', dtype=np.complex128))
    theirs = {
        'zero-crossing-rate': f.zero_crossing_rate(y), 'rms': f.rms(y=y, dtype=np.float64), 'spectral-centroid': f.spectral_centroid(S=s),
        'spectral-bandwidth': f.spectral_bandwidth(S=s), 'spectral-flatness': f.spectral_flatness(S=s),
    }
    for kind, values in theirs.items():
        hold(kind, reference.features(x, {**LIBROSA, 'features': [{'kind': kind}]}), values.T)
    for share in (0.01, 0.5, 0.85, 0.99):
        settings = {**LIBROSA, 'features': [{'kind': 'spectral-roll-off', 'share': share}]}
        hold(f'roll-off {share}', reference.features(x, settings), f.spectral_rolloff(S=s, roll_percent=share).T)


def check_scipy(x):
    """Moments and slope of a few frames, bin by bin."""
    kinds = [{'kind': f'spectral-{name}'} for name in ('centroid', 'bandwidth', 'skewness', 'kurtosis', 'slope')]
    rows = reference.features(x, {**LIBROSA, 'features': kinds})
    a = np.abs(librosa.stft(x.astype(np.float64), pad_mode='constant', dtype=np.complex128))
    hz = 22050 / 2048
    for t in range(0, len(rows), 7):
        bins, p = np.arange(len(a)), a[:, t] / a[:, t].sum()
        mean, variance, skewness, excess = scipy.stats.rv_discrete(values=(bins, p)).stats(moments='mvsk')
        slope = scipy.stats.linregress(bins * hz, p).slope
        theirs = np.array([mean * hz, np.sqrt(variance) * hz, skewness, excess + 3, slope])
        hold(f'moments of frame {t}', rows[t : t + 1], theirs[None], 1e-7)


def check_pyaudioanalysis(x):
    try:
        from pyAudioAnalysis import ShortTermFeatures
    except ImportError:
        print('descriptors: pyAudioAnalysis is not installed: not held against it')
        return
    # It removes the mean and divides by the peak itself, which changes nothing here; samples are those of 16 bits.
    y = ShortTermFeatures.dc_normalize(x.astype(np.float64))
    theirs, _ = ShortTermFeatures.feature_extraction(y * 32768, 16000, 400, 160, deltas=False)
    # Its epsilons are float64's, below those of the SVM reference system, which reference_descriptors.py has.
    hold('pyAudioAnalysis', reference.features(y, {**RECTANGULAR, 'features': PYAUDIOANALYSIS}), theirs[:8].T, 1e-6)


def check(x16, x22):
    check_librosa(x22)
    check_scipy(x22)
    check_pyaudioanalysis(x16)
