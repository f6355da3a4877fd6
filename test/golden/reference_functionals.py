"""What happens to an utterance before framing and to its rows after the per-frame features, in float64 numpy."""
import numpy as np
import scipy.stats

# --- samples ----------------------------------------------------------------------------------------------------------


def rolling_mean(values, width):
    """pandas.Series(values).rolling(width, min_periods=1, center=True).mean()"""
    ahead = (width - 1) // 2
    out = np.empty(len(values))
    for i in range(len(values)):
        out[i] = values[max(0, i + ahead + 1 - width) : i + ahead + 1].mean()
    return out


def cut(x, settings):
    """The samples that are framed: excerpt, then gate. x: clean, at full scale 1."""
    excerpt, gate = settings.get('excerpt'), settings.get('gate')
    if excerpt:
        length = excerpt.get('lengthSamples')
        x = x[excerpt['offsetSamples'] :][:length]
        if excerpt.get('pad'):
            x = np.concatenate([x, np.zeros(length - len(x))])
    if gate:
        x = x[rolling_mean(np.abs(x), gate['windowSamples']) > gate['threshold']]
    return x


# --- rows -------------------------------------------------------------------------------------------------------------


def sliding_window(t, frames, settings):
    """First and one past the last frame of the window around frame t, as Kaldi's apply-cmvn-sliding."""
    width = settings['windowFrames']
    if settings['centre']:
        start = t - width // 2
        end = start + width
    else:
        start, end = t - width, t + 1
    if start < 0:
        start, end = 0, end - start
    if not settings['centre'] and end > t:
        end = max(t + 1, settings['minWindowFrames'])
    if end > frames:
        start, end = max(0, start - (end - frames)), frames
    return start, end


def cmvn(rows, settings):
    settings = {
        'scope': 'utterance', 'normaliseVariance': False, 'windowFrames': 600, 'minWindowFrames': 100, 'centre': False,
        **settings,
    }
    utterance = settings['scope'] == 'utterance'
    out = np.empty_like(rows)
    for t, row in enumerate(rows):
        start, end = (0, len(rows)) if utterance else sliding_window(t, len(rows), settings)
        part = rows[start:end]
        out[t] = row - part.mean(axis=0)
        if settings['normaliseVariance']:
            single = not utterance and len(part) == 1
            out[t] *= 0 if single else np.maximum(part.var(axis=0), 1e-20 if utterance else 1e-10) ** -0.5
    return out


def statistic(name, values, hop_seconds):
    """One statistic of each column."""
    def percentile(q):
        return np.percentile(values, float(q), axis=0)

    if name == 'slope':
        single = len(values) == 1
        return values[0] * 0 if single else np.polyfit(np.arange(len(values)) * hop_seconds, values, 1)[0]
    if name in ('skewness', 'kurtosis'):
        function = {'skewness': scipy.stats.skew, 'kurtosis': scipy.stats.kurtosis}[name]
        with np.errstate(all='ignore'):
            return np.nan_to_num(function(values, axis=0), nan=0.0)
    if name[0] == 'p':
        low, *high = (part[1:] for part in name.split('-'))
        return percentile(high[0]) - percentile(low) if high else percentile(low)
    functions = {
        'mean': np.mean, 'median': np.median, 'std': np.std, 'variance': np.var, 'min': np.min, 'max': np.max,
        'range': np.ptp, 'first': lambda x, axis: x[0], 'last': lambda x, axis: x[-1],
    }
    return functions[name](values, axis=0)


def differences(rows, order):
    """-> x[t] − x[t−1] (and again for order 2), the first frames 0"""
    out = rows
    for n in range(order):
        out = np.concatenate([np.zeros((1, rows.shape[1])), np.diff(out, axis=0)])
        out[: n + 1] = 0
    return out


def one_row(blocks, settings):
    """Statistics of the blocks base, Δ, ΔΔ, one after another."""
    edge = 1 if settings.get('deltas') and settings['deltas']['convention'] == 'difference' else 0
    hop_seconds = settings['frame']['hopSamples'] / settings['sampleRateHz']
    return np.concatenate([
        statistic(name, block[order * edge :], hop_seconds)
        for order, block in enumerate(blocks) for name in settings['statistics']
    ])[None]


def sequence(features, frames):
    """Feature after feature, each frame after frame. features: the rows of each, deltas as features of their own."""
    return np.concatenate([rows[:frames].ravel() for rows in features])[None]
