"""The audio front-end of packages/shared/src/settings.ts in float64 numpy: slow, plain, and nothing but formulas.

make_goldens.py checks it against librosa and kaldi-native-fbank wherever one of them computes the same thing.
"""
import copy
import types

import numpy as np
import scipy.fft
import scipy.signal

import reference_chroma as chroma
import reference_descriptors as descriptors
import reference_functionals as functionals

DEFAULTS = {
    'samples': {'fullScale': 1, 'normalise': 'none'},
    'frame': {
        'placement': 'snip', 'padding': 'zero', 'window': 'hann', 'windowSymmetry': 'periodic',
        'removeDc': False, 'preEmphasis': 0, 'preEmphasisScope': 'frame',
    },
    'spectrum': {'kind': 'power'},
    'mel': {'fMinHz': 0, 'scale': 'slaney', 'slope': 'hz', 'norm': 'slaney'},
    'log': {'floor': 1e-10, 'reference': 1, 'topDb': None, 'add': 0, 'multiply': 1},
    'cepstrum': {'c0': 'cepstrum', 'lifterLength': 0, 'lifterFirstIndex': 0},
    'deltas': {'width': 9, 'convention': 'librosa'},
}


def resolve(settings):
    """Fills in the defaults. The golden test feeds the same input to the real schema, so a drift shows."""
    settings = copy.deepcopy(settings)
    for group, defaults in DEFAULTS.items():
        if settings.get(group) is not None or group in ('samples', 'spectrum'):
            settings[group] = {**defaults, **settings.get(group, {})}
    return settings


def window(kind, symmetry, length):
    if kind == 'rectangular':
        return np.ones(length)
    name = 'hann' if kind == 'povey' else kind
    values = scipy.signal.get_window(name, length, fftbins=symmetry == 'periodic')
    return np.maximum(values, 0) ** 0.85 if kind == 'povey' else values


def condition(samples, settings):
    x = np.asarray(samples, np.float64)
    x = np.clip(np.where(np.isfinite(x), x, 0), -2.0**20, 2.0**20)
    x = functionals.cut(x, settings) * settings['fullScale']
    if settings['normalise'] == 'z-score':
        x = (x - x.mean()) / x.std()
    if settings['normalise'] == 'peak':
        x = x / np.abs(x).max()
    return x


def frame_starts(x, frame):
    length, hop, size = frame['lengthSamples'], frame['hopSamples'], frame['fftSize']
    if frame['placement'] == 'snip':
        count, first = (1 + (len(x) - length) // hop if len(x) >= length else 0), 0
    elif frame['placement'] == 'centre':
        count, first = 1 + len(x) // hop, -(size // 2) + (size - length) // 2
    elif frame['placement'] == 'whisper-centre':
        count, first = len(x) // hop, -(size // 2) + (size - length) // 2
    else:
        count, first = (len(x) + hop // 2) // hop, hop // 2 - length // 2
    return first + hop * np.arange(count)


def frame_indices(x, frame):
    """-> [frames, lengthSamples], below 0 and from len(x) on in the padding"""
    return frame_starts(x, frame)[:, None] + np.arange(frame['lengthSamples'])[None, :]


def frames(x, frame):
    """-> [frames, lengthSamples]"""
    mode = {'zero': 'constant', 'reflect': 'reflect', 'symmetric': 'symmetric'}[frame['padding']]
    pad = frame['fftSize'] + frame['hopSamples']
    return np.pad(x, pad, mode=mode)[pad + frame_indices(x, frame)]


def hz_to_mel(hz, scale):
    hz = np.asarray(hz, np.float64)
    if scale == 'htk':
        return 1127 * np.log1p(hz / 700)
    return np.where(hz < 1000, hz * 3 / 200, 15 + np.log(np.maximum(hz, 1) / 1000) / (np.log(6.4) / 27))


def mel_to_hz(mel, scale):
    mel = np.asarray(mel, np.float64)
    if scale == 'htk':
        return 700 * np.expm1(mel / 1127)
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


def mel_filters(mel, rate, size):
    """-> [bands, bins]"""
    bins = np.arange(size // 2 + 1) * rate / size
    corners_mel = np.linspace(
        hz_to_mel(mel['fMinHz'], mel['scale']), hz_to_mel(mel['fMaxHz'], mel['scale']), mel['bands'] + 2
    )
    corners_hz = mel_to_hz(corners_mel, mel['scale'])
    in_mel = mel['slope'] == 'mel'
    x = hz_to_mel(bins, mel['scale']) if in_mel else bins
    c = corners_mel if in_mel else corners_hz
    rising = (x[None] - c[:-2, None]) / (c[1:-1] - c[:-2])[:, None]
    falling = (c[2:, None] - x[None]) / (c[2:] - c[1:-1])[:, None]
    weights = np.maximum(0, np.minimum(rising, falling))
    if mel['slope'] == 'bin':
        weights = bin_triangles(np.floor((size + 1) * corners_hz / rate).astype(int), len(bins))
    if in_mel and size % 2 == 0:
        weights[:, -1] = 0  # Kaldi leaves the Nyquist bin out
    if mel['norm'] == 'slaney':
        weights *= (2 / (corners_hz[2:] - corners_hz[:-2]))[:, None]
    return weights


def bin_triangles(corners, bins):
    """Between whole bins, one by one, as python_speech_features and its copies do."""
    weights = np.zeros((len(corners) - 2, bins))
    for band, (left, centre, right) in enumerate(zip(corners, corners[1:], corners[2:])):
        for k in range(left, centre):
            weights[band, k] = (k - left) / (centre - left)
        for k in range(centre, right):
            weights[band, k] = (right - k) / (right - centre)
    return weights


def logarithm(values, log, magnitude):
    clipped = np.maximum(values, log['floor'])
    decibels = 20 if magnitude else 10
    # Units of the logarithm: of a factor of e, and of a decibel.
    unit, decibel = {
        'ln': (1, np.log(10) / decibels), 'log10': (1 / np.log(10), 1 / decibels), 'db': (decibels / np.log(10), 1),
    }[log['kind']]
    reference = values.max() if log['reference'] == 'max' else log['reference']
    rows = unit * np.log(clipped)
    if reference != 1:
        rows = rows - unit * np.log(max(log['floor'], reference))
    if log['topDb'] is not None:
        rows = np.maximum(rows, rows.max() - log['topDb'] * decibel)
    return (rows + log['add']) * log['multiply']


def slope_kernel(width):
    j = np.arange(width) - width // 2
    return j / (j**2).sum()


def deltas(rows, settings):
    """-> list of [frames, columns], one an order"""
    width, out = settings['width'], []
    for order in range(1, settings['order'] + 1):
        if settings['convention'] == 'difference':
            out.append(functionals.differences(rows, order))
            continue
        if settings['convention'] == 'librosa':
            out.append(scipy.signal.savgol_filter(rows, width, polyorder=order, deriv=order, axis=0, mode='interp'))
            continue
        kernel = slope_kernel(width)
        if order == 2:
            kernel = np.convolve(kernel, kernel)
        half = len(kernel) // 2
        padded = np.pad(rows, ((half, half), (0, 0)), mode='edge')
        out.append(sum(w * padded[k : k + len(rows)] for k, w in enumerate(kernel)))
    return out


def chain_of(windowed, log_energy, s):
    """Every stage of the chain that is set -> {name: [frames, columns]}"""
    frame, magnitude = s['frame'], s['spectrum']['kind'] == 'magnitude'
    rows = np.abs(np.fft.rfft(windowed, frame['fftSize'], axis=1)) ** (1 if magnitude else 2)
    chain = {'spectrum': rows}
    if s.get('mel'):
        rows = chain['mel'] = rows @ mel_filters(s['mel'], s['sampleRateHz'], frame['fftSize']).T
    if s.get('log'):
        rows = chain['log'] = logarithm(rows, s['log'], magnitude)
    if s.get('cepstrum'):
        chain['cepstrum'] = cepstra(rows, log_energy, s['cepstrum'])
    return chain


def cepstra(rows, log_energy, cepstrum):
    n, length = cepstrum['coefficients'], cepstrum['lifterLength']
    rows = scipy.fft.dct(rows, type=2, norm='ortho', axis=1)[:, :n]
    if length:
        i = np.arange(n) + cepstrum['lifterFirstIndex']
        rows = rows * (1 + length / 2 * np.sin(np.pi * i / length))
    if cepstrum['c0'] == 'omit':
        rows = rows[:, 1:]
    if cepstrum['c0'] == 'log-energy':
        rows = np.concatenate([log_energy[:, None], rows[:, 1:]], axis=1)
    return rows


def clip_of(samples, windowed, inside, s):
    """What the descriptors look at: see reference_descriptors.py."""
    size = s['spectrum'].get('descriptorFftSize') or s['frame']['fftSize']
    return types.SimpleNamespace(
        samples=samples, windowed=windowed, inside=inside, magnitudes=np.abs(np.fft.rfft(windowed, size, axis=1)),
        fft_size=size, bin_hz=s['sampleRateHz'] / size, rate_hz=s['sampleRateHz'], full_scale=s['samples']['fullScale'],
    )


def features(samples, settings):
    s = resolve(settings)
    frame = s['frame']
    x = condition(samples, s['samples'])
    c = frame['preEmphasis']
    if frame['preEmphasisScope'] == 'signal':
        x = np.concatenate([x[:1], x[1:] - c * x[:-1]])
    f = frames(x, frame)
    if frame['removeDc']:
        f = f - f.mean(axis=1, keepdims=True)
    log_energy = np.log(np.maximum((f**2).sum(axis=1), np.finfo(np.float32).eps))
    emphasised = f
    if frame['preEmphasisScope'] == 'frame':
        emphasised = f - c * np.concatenate([f[:, :1], f[:, :-1]], axis=1)
    windowed = emphasised * window(frame['window'], frame['windowSymmetry'], frame['lengthSamples'])
    chain = chain_of(windowed, log_energy, s)
    index = frame_indices(x, frame)
    clip = clip_of(f, windowed, (index >= 0) & (index < len(x)), s)

    def part(feature):
        kind = feature['kind']
        if kind in descriptors.DESCRIPTORS:
            return descriptors.DESCRIPTORS[kind](feature, clip)[:, None]
        return chroma.columns(feature, x, windowed, s) if kind in chroma.KINDS else chain[kind]

    parts = [part(feature) for feature in s.get('features') or [{'kind': list(chain)[-1]}]]
    rows = np.concatenate(parts, axis=1)
    if s.get('cmvn'):
        rows = functionals.cmvn(rows, s['cmvn'])
    blocks = [rows, *(deltas(rows, s['deltas']) if s.get('deltas') else [])]
    if s.get('statistics'):
        return functionals.one_row(blocks, s)
    if s.get('sequence'):
        edges = np.cumsum([part.shape[1] for part in parts])[:-1]
        return functionals.sequence([part for block in blocks for part in np.split(block, edges, axis=1)], s['sequence']['frames'])
    return np.concatenate(blocks, axis=1)
