"""The feature sets of the reference systems, as those systems compute them, in float64: librosa 0.11 calls in the order of
their notebooks, and for the SVM's the formulas of its own library. One vector a clip.

    SETS: name -> (fixture, function of its samples -> vector)
    MEANS: name -> (fixture, function of its samples -> features, each [columns, frames]), whose means make up the vector
"""
import librosa
import numpy as np
import scipy.fft
import scipy.stats

f = librosa.feature


# --- the SVM on global statistics -------------------------------------------------------------------------------------

EPS = 1e-7


def entropy(values, energy):
    """Of ten blocks, over the energy of all."""
    length = len(values) // 10
    share = (values[: 10 * length].reshape(10, length) ** 2).sum(axis=1) / (energy + EPS)
    return -(share * np.log2(share + EPS)).sum()


def svm_filters(rate, fft_size=512, bands=40):
    mel = np.linspace(0, 2595 * np.log10(1 + rate / 2 / 700), bands + 2)
    edges = np.floor((fft_size + 1) * 700 * (10 ** (mel / 2595) - 1) / rate).astype(int)
    filters = np.zeros((bands, fft_size // 2 + 1))
    for band, (left, centre, right) in enumerate(zip(edges, edges[1:], edges[2:])):
        filters[band, left:centre] = (np.arange(left, centre) - left) / (centre - left)
        filters[band, centre:right] = (right - np.arange(centre, right)) / (right - centre)
    return filters


def svm_frame(frame, before, rate, filters):
    """frame: under the window. before: magnitudes of the frame before, or None. -> values, magnitudes"""
    n = len(frame)
    energy = (frame**2).sum()
    zcr = np.abs(np.diff(np.sign(frame))).sum() / (2 * (n - 1))
    a = np.abs(np.fft.fft(frame))[: n // 2] / n
    before = a if before is None else before
    hz = np.arange(1, len(a) + 1) * rate / 2 / len(a)
    p = a / (a.max() + EPS)
    centroid = (hz * p).sum() / (p.sum() + EPS)
    spread = np.sqrt(((hz - centroid) ** 2 * p).sum() / (p.sum() + EPS))
    flux = ((a / (a + EPS).sum() - before / (before + EPS).sum()) ** 2).sum()
    above = np.nonzero(np.cumsum(a**2) + EPS > 0.9 * (a**2).sum())[0]
    power = filters @ np.abs(np.fft.rfft(frame, 512)) ** 2 / 512
    mfcc = scipy.fft.dct(20 * np.log10(np.where(power == 0, np.finfo(float).eps, power)), norm='ortho')[1:13]
    own = [zcr, energy / n, entropy(frame, energy), centroid / (rate / 2), spread / (rate / 2), entropy(a, (a**2).sum()),
           flux, above[0] / len(a) if len(above) else 0]
    return np.concatenate([own, mfcc]), a


def svm_frames(x, rate=16000):
    """-> [frames, 20]. The system reads 16-bit samples."""
    y = x.astype(np.float64) * 32768
    length, hop = int(0.025 * rate), int(0.01 * rate)
    filters, rows, before = svm_filters(rate), [], None
    for start in range(0, len(y) - length + 1, hop):
        row, before = svm_frame(y[start : start + length] * np.hamming(length), before, rate, filters)
        rows.append(row)
    return np.array(rows)


def svm_statistics(rows):
    """In the order of the system's notebook: mean, std, med, kurt, skew, q1, q99, min, max, range."""
    q1, q99 = np.percentile(rows, [1, 99], axis=0)
    return np.concatenate([
        rows.mean(axis=0), rows.std(axis=0), np.median(rows, axis=0), scipy.stats.kurtosis(rows), scipy.stats.skew(rows),
        q1, q99, rows.min(axis=0), rows.max(axis=0), np.abs(q99 - q1)])


def reference_200(x):
    return svm_statistics(svm_frames(x))


def reference_400(x):
    rows = svm_frames(x)
    return np.concatenate([svm_statistics(rows), svm_statistics(rows[1:] - rows[:-1])])


# --- librosa ----------------------------------------------------------------------------------------------------------


def excerpt(x, rate):
    """librosa.load(path, duration=2.5, offset=0.6)"""
    return x.astype(np.float64)[int(0.6 * rate) :][: int(2.5 * rate)]


def reference_178(x, sr=22050):
    y = excerpt(x, sr)
    stft = np.abs(librosa.stft(y))
    return [
        f.zero_crossing_rate(y=y), f.chroma_stft(S=stft, sr=sr), f.mfcc(y=y, sr=sr), f.rms(y=y, dtype=np.float64),
        f.melspectrogram(y=y, sr=sr), f.spectral_rolloff(y=y, sr=sr), f.spectral_centroid(y=y, sr=sr),
        f.spectral_contrast(y=y, sr=sr), f.spectral_bandwidth(y=y, sr=sr), f.tonnetz(y=y, sr=sr)]


def reference_162(x, sr=22050):
    y = x.astype(np.float64)
    stft = np.abs(librosa.stft(y))
    return [
        f.zero_crossing_rate(y=y), f.chroma_stft(S=stft, sr=sr), f.mfcc(y=y, sr=sr), f.rms(y=y, dtype=np.float64),
        f.melspectrogram(y=y, sr=sr)]


def gated(y, rate):
    """Keeps the samples around which the mean of |y| over 0.1 s is above 0.0005."""
    size = np.abs(y)
    # pandas' centred window of an even width begins half a width before the sample.
    half = rate // 10 // 2
    mean = np.array([size[max(0, i - half) : i - half + rate // 10].mean() for i in range(len(y))])
    return y[mean > 0.0005]


def reference_180(x, sr=16000):
    y = gated(x.astype(np.float64), sr)
    stft = np.abs(librosa.stft(y))
    return [f.mfcc(y=y, sr=sr, n_mfcc=40), f.chroma_stft(S=stft, sr=sr), f.melspectrogram(y=y, sr=sr)]


def reference_2376(x, sr=22050):
    y = excerpt(x, sr)
    y = np.pad(y, (0, int(2.5 * sr) - len(y)))
    return np.concatenate([
        f.zero_crossing_rate(y)[0], f.rms(y=y, dtype=np.float64)[0], np.ravel(f.mfcc(y=y, sr=sr).T)])


MEANS = {
    'reference-162': ('librivox-22k', reference_162),
    'reference-178': ('librivox-22k', reference_178),
    'reference-180': ('librivox-16k', reference_180),
}
SETS = {
    'reference-200': ('librivox-16k', reference_200),
    'reference-400': ('librivox-16k', reference_400),
    'reference-2376': ('librivox-22k', reference_2376),
}
