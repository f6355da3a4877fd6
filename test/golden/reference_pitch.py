"""Pitch in float64 from its definitions (packages/dsp-native/src/signal/pitch.h), frame by frame, in plain loops over lags.

rows(samples, frame, feature, rate): F0 in Hz (0 in unvoiced frames), voicing, voiced, harmonic-to-noise ratio in dB.
"""
import math

import numpy as np

HNR_RANGE = (-20, 40)
DEFAULTS = {'fMinHz': 65, 'fMaxHz': 500, 'troughThreshold': 0.1, 'voicedThreshold': 0.45}


def frames(x, starts, length):
    """Frames around the middles of the front-end's, zeros beyond the recording."""
    out = np.zeros((len(starts), length))
    for row, start in zip(out, starts):
        inside = np.arange(max(start, 0), max(min(start + length, len(x)), max(start, 0)))
        row[inside - start] = x[inside]
    return out


def lags(feature, rate):
    return math.floor(rate / feature['fMaxHz']), math.ceil(rate / feature['fMinHz'])


def aperiodicity(frame, longest):
    """d'(0 … longest); 1 at lag 0, and everywhere in silence."""
    difference = np.zeros(longest + 1)
    for k in range(1, longest + 1):
        later = np.concatenate([frame[k:], np.zeros(k)])
        difference[k] = ((frame - later) ** 2).sum()
    total = np.cumsum(difference)
    ratio = np.ones(longest + 1)
    heard = total > 1e-30
    ratio[heard] = difference[heard] * np.arange(longest + 1)[heard] / total[heard]
    return ratio


def period(ratio, shortest, threshold):
    """The lag of the first trough below the threshold, else of the lowest value."""
    last = len(ratio) - 1
    for k in range(shortest, last + 1):
        falls = ratio[k] < ratio[k - 1] if k > shortest else ratio[k] < ratio[k + 1]
        rises = k == last or ratio[k] <= ratio[k + 1]
        if falls and rises and ratio[k] < threshold:
            return k
    return shortest + int(np.argmin(ratio[shortest:]))


def vertex(before, middle, after):
    """Place and value of the vertex of the parabola through three values one apart, if it is within one."""
    curvature, slope = before + after - 2 * middle, (after - before) / 2
    if abs(slope) >= abs(curvature):
        return 0, middle
    return -slope / curvature, middle - slope**2 / (2 * curvature)


def correlation(frame, lag, shortest, longest):
    """Normalised cross-correlation of two stretches one period apart around the middle."""
    first = (len(frame) - longest - lag) // 2
    mean = frame[first : first + longest + lag].mean()

    def at(k):
        begin = (len(frame) - longest - k) // 2
        a, b = frame[begin : begin + longest] - mean, frame[begin + k : begin + k + longest] - mean
        norm = math.sqrt((a**2).sum() * (b**2).sum())
        return (a * b).sum() / norm if norm > 0 else 0.0

    if lag in (shortest, longest):
        return at(lag)
    return vertex(at(lag - 1), at(lag), at(lag + 1))[1]


def decibels(r):
    if r <= 0:
        return HNR_RANGE[0]
    if r >= 1:
        return HNR_RANGE[1]
    return float(np.clip(10 * math.log10(r / (1 - r)), *HNR_RANGE))


def row(frame, feature, rate, noise=None):
    """One row and the period's lag. `noise` multiplies d', to see whether rounding could change the choice."""
    shortest, longest = lags(feature, rate)
    ratio = aperiodicity(frame, longest)
    if noise is not None:
        ratio = ratio * noise[: longest + 1]
    lag = period(ratio, shortest, feature['troughThreshold'])
    shift = vertex(*ratio[lag - 1 : lag + 2])[0] if shortest < lag < longest else 0
    voiced = ratio[lag] < feature['voicedThreshold']
    hnr = decibels(correlation(frame, lag, shortest, longest))
    return [rate / (lag + shift) if voiced else 0, max(0, 1 - ratio[lag]), float(voiced), hnr], lag


def rows(x, starts, feature, rate):
    """Rows of the frames that begin at `starts`; refuses material in which float32 could choose another period."""
    feature = {**DEFAULTS, **feature}
    random = np.random.default_rng(1)
    out = []
    for t, frame in enumerate(frames(x, starts, feature['frameSamples'])):
        values, lag = row(frame, feature, rate)
        for _ in range(3):
            noise = 1 + 3e-6 * random.standard_normal(lags(feature, rate)[1] + 1)
            noisy, noisy_lag = row(frame, feature, rate, noise)
            assert (noisy_lag, noisy[2]) == (lag, values[2]), (t, lag, noisy_lag)
        out.append(values)
    return np.array(out)
