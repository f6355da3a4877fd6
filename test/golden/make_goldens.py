"""Writes data/*.npy and cases.json: what the features of the fixtures are, in float64.

    python3 -m venv ~/undertone-golden && ~/undertone-golden/bin/pip install -r requirements.txt
    ~/undertone-golden/bin/python make_goldens.py

Source of each case: `librosa` (run on float64), or reference.py, after it has been held against librosa or
kaldi-native-fbank on the settings that they share (checks below; the script fails if one does not hold).
Descriptors are held against librosa, scipy and pyAudioAnalysis by check_descriptors.py.
Values are stored as float32, whose rounding (6e-8) is far below the tolerance.
"""
import json
import pathlib

import kaldi_native_fbank as knf
import librosa
import numpy as np
import soundfile

import check_descriptors
import reference
import reference_chroma
import reference_pitch


import reference_sets

HERE = pathlib.Path(__file__).parent
SPEECH = HERE.parent / 'fixtures' / 'speech'
SOURCE = '/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0880.wav'
CUT = (0, 24000)  # 1.5 s of speech


def write_fixtures():
    samples, rate = soundfile.read(SOURCE, dtype='float64', start=CUT[0], stop=CUT[1])
    assert rate == 16000
    soundfile.write(SPEECH / 'librivox-16k.wav', samples, rate, subtype='PCM_16')
    resampled = librosa.resample(samples, orig_sr=16000, target_sr=22050, res_type='soxr_hq')
    soundfile.write(SPEECH / 'librivox-22k.wav', resampled, 22050, subtype='PCM_16')


def fixture(name):
    return soundfile.read(SPEECH / f'{name}.wav', dtype='float32')[0]


# --- settings ---------------------------------------------------------------------------------------------------------


def frame16(**changes):
    return {'lengthSamples': 400, 'hopSamples': 160, 'fftSize': 512, **changes}


def front16(**groups):
    return {'sampleRateHz': 16000, 'frame': frame16(), **groups}


MEL40 = {'bands': 40, 'fMaxHz': 8000}
LN = {'kind': 'ln'}
KALDI_FRAME = frame16(window='povey', windowSymmetry='symmetric', removeDc=True, preEmphasis=0.97)
KALDI_MEL = {'fMinHz': 20, 'fMaxHz': 8000, 'scale': 'htk', 'slope': 'mel', 'norm': 'none'}
KALDI_LOG = {'kind': 'ln', 'floor': 2.0**-23}
LIBROSA = {
    'sampleRateHz': 22050,
    'frame': {'lengthSamples': 2048, 'hopSamples': 512, 'fftSize': 2048, 'placement': 'centre'},
    'mel': {'bands': 128, 'fMaxHz': 11025},
    'log': {'kind': 'db', 'topDb': 80},
}


def kaldi(bands, frame=None, **groups):
    return {
        'sampleRateHz': 16000, 'samples': {'fullScale': 32768}, 'frame': {**KALDI_FRAME, **(frame or {})},
        'mel': {'bands': bands, **KALDI_MEL}, 'log': KALDI_LOG, **groups,
    }


def librosa_feature(kind):
    return {'sampleRateHz': 22050, 'frame': LIBROSA['frame'], 'features': [{'kind': kind}]}


SETS = {
    'undertone-logmel-64': front16(
        mel={'bands': 64, 'fMinHz': 60, 'fMaxHz': 7600, 'scale': 'htk', 'norm': 'none'},
        log={'kind': 'ln', 'floor': 1e-7},
    ),
    'librosa-logmel-128': LIBROSA,
    'librosa-mfcc-40': {**LIBROSA, 'cepstrum': {'coefficients': 40}},
    'librosa-mfcc-40-stats': {
        **LIBROSA, 'cepstrum': {'coefficients': 40}, 'statistics': ['mean', 'std', 'min', 'max']},
    'librosa-spectrogram': {'sampleRateHz': 22050, 'frame': LIBROSA['frame'], 'spectrum': {'kind': 'magnitude'}},
    'whisper-logmel-80': {
        'sampleRateHz': 16000,
        'frame': {
            'lengthSamples': 400, 'hopSamples': 160, 'fftSize': 400, 'placement': 'whisper-centre', 'padding': 'reflect'},
        'mel': {'bands': 80, 'fMaxHz': 8000},
        'log': {'kind': 'log10', 'topDb': 80, 'add': 4, 'multiply': 0.25},
    },
    'reference-logmel-128': {
        'sampleRateHz': 16000,
        'samples': {'normalise': 'z-score', 'excerpt': {'offsetSamples': 8000, 'lengthSamples': 49100, 'pad': True}},
        'frame': {'lengthSamples': 256, 'hopSamples': 128, 'fftSize': 512, 'placement': 'centre', 'window': 'hamming'},
        'mel': {'bands': 128, 'fMaxHz': 4000},
        'log': {'kind': 'db', 'reference': 'max', 'topDb': 80},
    },
    'kaldi-fbank-80': kaldi(80),
    'kaldi-mfcc-13': kaldi(
        23, cepstrum={'coefficients': 13, 'c0': 'log-energy', 'lifterLength': 22, 'lifterFirstIndex': 0}
    ),
    'librosa-chroma': librosa_feature('chroma'),
    'librosa-chroma-cqt': librosa_feature('chroma-cqt'),
    'librosa-tonnetz': librosa_feature('tonnetz'),
    'librosa-contrast': librosa_feature('spectral-contrast'),
}
MFCC = SETS['kaldi-mfcc-13']
SETS['kaldi-mfcc-39'] = {**MFCC, 'deltas': {'order': 2, 'width': 5, 'convention': 'kaldi'}}
SETS['kaldi-mfcc-13-cmvn'] = {**MFCC, 'cmvn': {'scope': 'utterance'}}
SETS['kaldi-mfcc-13-cmvn-sliding'] = {**MFCC, 'cmvn': {'scope': 'sliding'}}
# The sets that a peer computes; those without (statistics, deltas, CMVN) rest on one that has a peer.
SET_PEERS = {
    'librosa-logmel-128': 'librosa', 'librosa-mfcc-40': 'librosa', 'librosa-spectrogram': 'librosa',
    'reference-logmel-128': 'librosa', 'whisper-logmel-80': 'whisper', 'kaldi-fbank-80': 'knf', 'kaldi-mfcc-13': 'knf',
    'librosa-chroma': 'librosa-tonal', 'librosa-chroma-cqt': 'librosa-tonal', 'librosa-tonnetz': 'librosa-tonal',
    'librosa-contrast': 'librosa-tonal',
}
SET_STEPS = {
    'librosa-spectrogram': 20, 'librosa-chroma-cqt': 4, 'librosa-tonnetz': 2, 'reference-logmel-128': 24, 'whisper-logmel-80': 10, 'kaldi-mfcc-39': 10,
    'kaldi-mfcc-13-cmvn': 8, 'kaldi-mfcc-13-cmvn-sliding': 8,
}

# --- peers ------------------------------------------------------------------------------------------------------------


def librosa_features(x, s):
    """What librosa computes for settings in its own conventions, in float64."""
    frame, mel, log = s['frame'], s.get('mel'), s.get('log')
    x = reference.condition(x, reference.resolve(s)['samples'])
    if not mel:
        return np.abs(librosa.stft(x, n_fft=frame['fftSize'], hop_length=frame['hopSamples'], dtype=np.complex128)).T
    pad = {'zero': 'constant', 'reflect': 'reflect'}[frame.get('padding', 'zero')]
    spectrum = librosa.feature.melspectrogram(
        y=x.astype(np.float64), sr=s['sampleRateHz'], n_fft=frame['fftSize'], hop_length=frame['hopSamples'],
        win_length=frame['lengthSamples'], window=frame.get('window', 'hann'), center=True, pad_mode=pad,
        power=1.0 if s.get('spectrum', {}).get('kind') == 'magnitude' else 2.0,
        n_mels=mel['bands'], fmin=mel.get('fMinHz', 0), fmax=mel['fMaxHz'], htk=mel.get('scale') == 'htk',
        norm=None if mel.get('norm') == 'none' else 'slaney', dtype=np.float64,
    )
    reference_value = np.max if log.get('reference') == 'max' else log.get('reference', 1.0)
    rows = librosa.power_to_db(spectrum, ref=reference_value, amin=log.get('floor', 1e-10), top_db=log.get('topDb'))
    if 'cepstrum' in s:
        lifter = s['cepstrum'].get('lifterLength', 0)
        rows = librosa.feature.mfcc(S=rows, n_mfcc=s['cepstrum']['coefficients'], lifter=lifter)
    if 'deltas' in s:
        width, order = s['deltas'].get('width', 9), s['deltas']['order']
        orders = [librosa.feature.delta(rows, width=width, order=n) for n in range(1, order + 1)]
        rows = np.concatenate([rows, *orders])
    return rows.T


def whisper_features(x, _settings):
    """openai-whisper's log_mel_spectrogram, its float32 tensors as float64 arrays; no padding to 30 s."""
    stft = librosa.stft(x.astype(np.float64), n_fft=400, hop_length=160, pad_mode='reflect', dtype=np.complex128)
    filters = librosa.filters.mel(sr=16000, n_fft=400, n_mels=80, dtype=np.float64)
    log_spec = np.log10(np.maximum(filters @ np.abs(stft[:, :-1]) ** 2, 1e-10))
    return ((np.maximum(log_spec, log_spec.max() - 8.0) + 4.0) / 4.0).T


def kaldi_features(x, s):
    """kaldi-native-fbank's own float32 output."""
    frame, cepstrum = s['frame'], s.get('cepstrum')
    options = knf.MfccOptions() if cepstrum else knf.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.samp_freq = s['sampleRateHz']
    options.frame_opts.snip_edges = frame.get('placement', 'snip') == 'snip'
    # Its 'hann' is periodic; Kaldi's own, symmetric one goes under 'hanning'.
    options.frame_opts.window_type = {'hann': 'hanning'}.get(frame['window'], frame['window'])
    options.frame_opts.remove_dc_offset = frame['removeDc']
    options.frame_opts.preemph_coeff = frame['preEmphasis']
    options.mel_opts.num_bins = s['mel']['bands']
    options.mel_opts.low_freq = s['mel']['fMinHz']
    options.mel_opts.high_freq = s['mel']['fMaxHz']
    if cepstrum:
        options.num_ceps = cepstrum['coefficients']
        options.use_energy = cepstrum['c0'] == 'log-energy'
        options.cepstral_lifter = cepstrum['lifterLength']
    online = (knf.OnlineMfcc if cepstrum else knf.OnlineFbank)(options)
    online.accept_waveform(s['sampleRateHz'], (x * np.float32(32768)).tolist())
    online.input_finished()
    return np.stack([online.get_frame(i) for i in range(online.num_frames_ready)])


# The one kind whose reference does not follow librosa step by step: another filter halves the rate.
CONSTANT_Q_ERROR = 5e-3


def librosa_tonal(x, feature, s):
    """One of the features of reference_chroma.py."""
    x, rate, frame = x.astype(np.float64), s['sampleRateHz'], s['frame']
    stft = {'n_fft': frame['fftSize'], 'hop_length': frame['hopSamples'], 'win_length': frame['lengthSamples']}
    if feature['kind'] in ('chroma-cqt', 'tonnetz'):
        function = {'chroma-cqt': librosa.feature.chroma_cqt, 'tonnetz': librosa.feature.tonnetz}[feature['kind']]
        return function(y=x, sr=rate, hop_length=frame['hopSamples']).T
    spectrum = np.abs(librosa.stft(x, **stft))
    if feature['kind'] == 'chroma':
        exponent = 1 if feature.get('spectrum') == 'magnitude' else 2
        return librosa.feature.chroma_stft(S=spectrum**exponent, sr=rate).T
    return librosa.feature.spectral_contrast(
        S=spectrum, sr=rate, fmin=feature.get('fMinHz', 200), n_bands=feature.get('bands', 6),
        quantile=feature.get('quantile', 0.02)).T


def check_tonal(name, x, rows, s):
    theirs = np.concatenate([librosa_tonal(x, feature, s) for feature in s['features']], axis=1)
    error = np.abs(rows - theirs).max()
    constant_q = any(feature['kind'] in ('chroma-cqt', 'tonnetz') for feature in s['features'])
    assert error < (CONSTANT_Q_ERROR if constant_q else 1e-6), (name, error)
    print(f'{name}: librosa is within {error:.1e} of the float64 reference')


def worst(ours, theirs):
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    rms = np.sqrt((theirs**2).mean(axis=0, keepdims=True))
    return (np.abs(ours - theirs) / np.maximum(np.maximum(np.abs(theirs), rms), 1e-30)).max()


# --- cases ------------------------------------------------------------------------------------------------------------

cases = []


def case(group, name, settings, peer=None, fixture_name='librivox-16k', cut=None, offset=0.0, step=4, set_name=None):
    x = fixture(fixture_name)[slice(*cut) if cut else slice(None)] + np.float32(offset)
    rows, source = reference.features(x, settings), 'reference'
    assert np.isfinite(rows).all(), name
    peer_file = None
    if peer in ('librosa', 'whisper'):
        theirs = {'librosa': librosa_features, 'whisper': whisper_features}[peer](x, settings)
        error = worst(rows, theirs)
        assert error < 1e-9, (name, error)
        rows, source = theirs, peer
    if peer == 'librosa-tonal':
        check_tonal(name, x, rows, settings)
    if peer == 'knf':
        theirs = kaldi_features(x, settings)
        error = worst(rows, theirs)
        assert error < 2e-4, (name, error)
        print(f'{name}: kaldi-native-fbank (float32) is within {error:.1e} of the float64 reference')
        if set_name:
            peer_file = f'{name}.knf.npy'
            np.save(HERE / 'data' / peer_file, theirs.astype(np.float32))
    rows = rows[::step] if len(rows) > 3 * step else rows
    step = step if len(reference.features(x, settings)) > 3 * step else 1
    np.save(HERE / 'data' / f'{name}.npy', np.ascontiguousarray(rows, np.float32))
    cases.append({
        'name': name, 'group': group, 'source': source, 'fixture': fixture_name, 'cut': cut, 'offset': offset,
        'frameStep': step, 'peerFile': peer_file, **({'set': set_name} if set_name else {'frontEnd': settings}),
    })


def set_cases():
    for name, settings in SETS.items():
        rate = 'librivox-22k' if settings['sampleRateHz'] == 22050 else 'librivox-16k'
        case('set', name, settings, SET_PEERS.get(name), rate, step=SET_STEPS.get(name, 1), set_name=name)


def spectrum_cases():
    for size, length in [(400, 400), (480, 400), (512, 400), (625, 500), (1000, 1000), (405, 400), (750, 600), (960, 800)]:
        case('spectrum', f'power-{size}', {'sampleRateHz': 16000, 'frame': frame16(fftSize=size, lengthSamples=length)},
             step=12)
    for size in (512, 625):
        case('spectrum', f'magnitude-{size}', front16(frame=frame16(fftSize=size), spectrum={'kind': 'magnitude'}), step=12)
    case('spectrum', 'power-2048', {**LIBROSA, 'mel': None, 'log': None}, fixture_name='librivox-22k', step=12)


def window_cases():
    for kind in ('hann', 'hamming', 'blackman', 'povey', 'rectangular'):
        for symmetry in ('periodic', 'symmetric'):
            frame = frame16(window=kind, windowSymmetry=symmetry)
            case('window', f'window-{kind}-{symmetry}', front16(frame=frame, mel=MEL40, log=LN), step=6)


def mel_cases():
    for scale in ('htk', 'slaney'):
        for slope in ('hz', 'mel'):
            for norm in ('none', 'slaney'):
                mel = {'bands': 40, 'fMinHz': 50, 'fMaxHz': 7800, 'scale': scale, 'slope': slope, 'norm': norm}
                case('mel', f'mel-{scale}-{slope}-{norm}', front16(mel=mel), step=6)
    case('mel', 'mel-magnitude', front16(mel=MEL40, spectrum={'kind': 'magnitude'}), step=6)
    for norm in ('none', 'slaney'):
        case('mel', f'mel-bin-{norm}', front16(mel={**MEL40, 'scale': 'htk', 'slope': 'bin', 'norm': norm}), step=6)
    case('mel', 'mel-odd-fft', front16(frame=frame16(fftSize=625), mel={**MEL40, **KALDI_MEL}), step=6)


def log_cases():
    case('log', 'log-ln', front16(mel=MEL40, log=LN))
    case('log', 'log-log10', front16(mel=MEL40, log={'kind': 'log10'}))
    case('log', 'log-high-floor', front16(mel=MEL40, log={'kind': 'ln', 'floor': 1e-4}))
    # A lone bin may lie 100 dB below the frame's loudest, where float32 has no digits left: hence the floor.
    case('log', 'log-spectrum', front16(log={'kind': 'ln', 'floor': 1e-6}), step=12)
    magnitude = {'kind': 'magnitude'}
    case('log', 'log-db-magnitude', front16(mel=MEL40, spectrum=magnitude, log={'kind': 'db', 'floor': 1e-5, 'topDb': 60}))
    centred = front16(frame=frame16(placement='centre'), mel=MEL40)
    for name, log in {
        'db': {}, 'db-reference': {'reference': 0.01}, 'db-max': {'reference': 'max'}, 'db-top': {'topDb': 60},
        'db-max-top': {'reference': 'max', 'topDb': 40}, 'db-floored-reference': {'reference': 1e-12},
    }.items():
        case('log', f'log-{name}', {**centred, 'log': {'kind': 'db', **log}}, 'librosa')


def cepstrum_cases():
    for c0 in ('cepstrum', 'omit', 'log-energy'):
        for first in (0, 1):
            cepstrum = {'coefficients': 13, 'c0': c0, 'lifterLength': 22, 'lifterFirstIndex': first}
            case('cepstrum', f'cepstrum-{c0}-lifter-{first}', front16(mel=MEL40, log=LN, cepstrum=cepstrum))
    case('cepstrum', 'cepstrum-kaldi-c0', kaldi(23, cepstrum={'coefficients': 13, 'c0': 'cepstrum', 'lifterLength': 22}), 'knf')
    case('cepstrum', 'cepstrum-librosa-lifter', {
        **LIBROSA, 'cepstrum': {'coefficients': 20, 'lifterLength': 30, 'lifterFirstIndex': 1}}, 'librosa', 'librivox-22k')
    case('cepstrum', 'cepstrum-top-energy', front16(
        mel=MEL40, log={'kind': 'db', 'topDb': 50, 'reference': 'max'}, cepstrum={'coefficients': 13, 'c0': 'log-energy'}))
    case('cepstrum', 'cepstrum-all', front16(mel=MEL40, log=LN, cepstrum={'coefficients': 40}))


def delta_cases():
    mfcc = {**LIBROSA, 'cepstrum': {'coefficients': 13}}
    for width, order in ((9, 2), (5, 1), (3, 2)):
        case('delta', f'delta-librosa-{width}-{order}', {**mfcc, 'deltas': {'order': order, 'width': width}}, 'librosa',
             'librivox-22k', step=1)
    for width, order in ((5, 2), (7, 1)):
        deltas = {'order': order, 'width': width, 'convention': 'kaldi'}
        case('delta', f'delta-kaldi-{width}-{order}', {**SETS['kaldi-mfcc-13'], 'deltas': deltas}, step=1)
    short = {'order': 2, 'width': 9, 'convention': 'kaldi'}
    case('delta', 'delta-kaldi-short', {**SETS['kaldi-mfcc-13'], 'deltas': short}, cut=[5000, 5800])


def placement_cases():
    for placement in ('snip', 'centre', 'kaldi-centre'):
        for padding in ('zero', 'reflect', 'symmetric'):
            for name, cut in {'': None, '-short': [9000, 9090]}.items():
                if placement == 'snip' and (cut or padding != 'zero'):
                    continue
                frame = frame16(lengthSamples=321, hopSamples=107, placement=placement, padding=padding)
                case('placement', f'placement-{placement}-{padding}{name}', front16(frame=frame, mel=MEL40, log=LN), cut=cut)
    case('placement', 'placement-librosa-reflect', {
        **LIBROSA, 'frame': {**LIBROSA['frame'], 'padding': 'reflect', 'lengthSamples': 1600}}, 'librosa', 'librivox-22k')
    case('placement', 'placement-kaldi', kaldi(40, {'placement': 'kaldi-centre', 'padding': 'symmetric'}), 'knf')
    case('placement', 'placement-wide-hop', front16(frame=frame16(hopSamples=700), mel=MEL40, log=LN))


def frame_cases():
    for scope in ('frame', 'signal'):
        frame = frame16(preEmphasis=0.97, preEmphasisScope=scope, placement='centre', padding='reflect')
        case('frame', f'pre-emphasis-{scope}', front16(frame=frame, mel=MEL40, log=LN))
    case('frame', 'remove-dc', front16(frame=frame16(removeDc=True), mel=MEL40, log=LN), offset=0.25)
    case('frame', 'remove-dc-energy', kaldi(23, cepstrum={'coefficients': 13, 'c0': 'log-energy', 'lifterLength': 22}),
         'knf', offset=0.25)
    for window in ('hamming', 'hann', 'rectangular'):
        case('frame', f'kaldi-{window}', kaldi(40, {'window': window}), 'knf')


def sample_cases():
    for normalise in ('z-score', 'peak'):
        for full_scale in (1, 32768):
            case('samples', f'normalise-{normalise}-{full_scale}', front16(
                samples={'normalise': normalise, 'fullScale': full_scale}, mel=MEL40, log=LN), offset=0.0625)
    case('samples', 'normalise-centre', front16(
        samples={'normalise': 'z-score'}, frame=frame16(placement='centre'), mel=MEL40, log=LN), offset=0.0625)
    case('samples', 'full-scale', front16(samples={'fullScale': 32768}, mel=MEL40))


def statistics_cases():
    every = ['mean', 'std', 'min', 'max']
    case('statistics', 'statistics-mel', front16(mel=MEL40, log=LN, statistics=every))
    case('statistics', 'statistics-delta', {
        **SETS['librosa-mfcc-40'], 'deltas': {'order': 2}, 'statistics': ['max', 'std']}, fixture_name='librivox-22k')


# --- utterances and rows ----------------------------------------------------------------------------------------------

EVERY_STATISTIC = [
    'mean', 'median', 'std', 'variance', 'skewness', 'kurtosis', 'min', 'max', 'range', 'first', 'last', 'slope',
    'p0', 'p1', 'p2.5', 'p99', 'p100', 'p25-p75', 'p1-p99']


def functional_cases():
    mfcc = SETS['kaldi-mfcc-13']
    case('functionals', 'functionals-every', {**mfcc, 'statistics': EVERY_STATISTIC})
    case('functionals', 'functionals-frames-even', {**mfcc, 'statistics': ['median', 'p10', 'p33.3-p66.7']}, cut=[0, 2000])
    case('functionals', 'functionals-one-frame', {**mfcc, 'statistics': EVERY_STATISTIC}, cut=[6000, 6400])
    case('functionals', 'functionals-wide', front16(mel=MEL40, log=LN, statistics=['median', 'kurtosis', 'slope']))
    # More frames than are sorted at once.
    many = front16(frame=frame16(hopSamples=7), mel={'bands': 5, 'fMaxHz': 8000}, log=LN)
    case('functionals', 'functionals-long', {**many, 'statistics': ['median', 'p1', 'p99', 'p25-p75', 'skewness']})
    deltas = {'order': 2, 'convention': 'difference'}
    case('functionals', 'difference-frames', {**mfcc, 'deltas': deltas})
    case('functionals', 'difference-statistics', {**mfcc, 'deltas': deltas, 'statistics': EVERY_STATISTIC})


def cmvn_cases():
    mfcc = SETS['kaldi-mfcc-13']
    for variance in (False, True):
        name = 'variance' if variance else 'mean'
        case('cmvn', f'cmvn-utterance-{name}', {**mfcc, 'cmvn': {'scope': 'utterance', 'normaliseVariance': variance}})
        for centre in (False, True):
            sliding = {
                'scope': 'sliding', 'normaliseVariance': variance, 'windowFrames': 41, 'minWindowFrames': 20, 'centre': centre}
            case('cmvn', f"cmvn-sliding-{name}{'-centre' if centre else ''}", {**mfcc, 'cmvn': sliding}, step=6)
    even = {'scope': 'sliding', 'windowFrames': 30, 'minWindowFrames': 30, 'centre': True}
    case('cmvn', 'cmvn-sliding-even', {**mfcc, 'cmvn': even, 'deltas': {'order': 1, 'convention': 'kaldi', 'width': 5}})
    wide = {'scope': 'sliding', 'windowFrames': 300, 'minWindowFrames': 200, 'normaliseVariance': True}
    case('cmvn', 'cmvn-sliding-wide', {**mfcc, 'cmvn': wide}, cut=[4000, 12000])


def cut_cases():
    def cut_case(name, **samples):
        case('cut', f'cut-{name}', front16(samples=samples, mel=MEL40, log=LN), step=12)

    cut_case('excerpt', excerpt={'offsetSamples': 5001, 'lengthSamples': 9000})
    cut_case('excerpt-rest', excerpt={'offsetSamples': 15000})
    cut_case('excerpt-pad', excerpt={'offsetSamples': 16000, 'lengthSamples': 12345, 'pad': True}, normalise='z-score')
    cut_case('gate', gate={'windowSamples': 1600, 'threshold': 0.02})
    cut_case('gate-even', gate={'windowSamples': 250, 'threshold': 0.01}, normalise='peak')
    cut_case('excerpt-gate', excerpt={'offsetSamples': 3000, 'lengthSamples': 15000},
             gate={'windowSamples': 801, 'threshold': 0.015}, fullScale=32768)


def sequence_cases():
    mfcc = SETS['kaldi-mfcc-13']
    case('sequence', 'sequence-mfcc', {**mfcc, 'sequence': {'frames': 20}})
    case('sequence', 'sequence-deltas', {
        **mfcc, 'deltas': {'order': 2, 'convention': 'kaldi', 'width': 5}, 'sequence': {'frames': 7}})


def log_range_cases():
    for kind, floor in (('ln', 1e-10), ('log10', 1e-10), ('db', 1e-10)):
        for spectrum in ('power', 'magnitude'):
            log = {'kind': kind, 'floor': floor, 'topDb': 45, 'add': 1.5, 'multiply': 0.5}
            case('log-range', f'log-range-{kind}-{spectrum}', front16(mel=MEL40, spectrum={'kind': spectrum}, log=log), step=16)
    case('log-range', 'log-range-cepstrum', front16(
        mel=MEL40, log={'kind': 'log10', 'topDb': 50, 'add': 4, 'multiply': 0.25}, cepstrum={'coefficients': 13}))
    case('log-range', 'log-range-folded', front16(mel=MEL40, log={'kind': 'db', 'reference': 0.01, 'add': -3, 'multiply': 2}),
         step=6)
    frame = frame16(placement='whisper-centre', padding='reflect', fftSize=400)
    case('log-range', 'placement-whisper', front16(frame=frame, mel=MEL40, log=LN), cut=[6000, 9300])


def pitch_case(name, rate, frame, feature, cut=None, offset=0.0, step=1, set_name=None):
    """F0 of voiced frames is librosa.yin's, in float64; the rest is reference_pitch.py's."""
    fixture_name = {16000: 'librivox-16k', 22050: 'librivox-22k'}[rate]
    x = (fixture(fixture_name)[slice(*cut) if cut else slice(None)] + np.float32(offset)).astype(np.float64)
    hop, length, size = frame['hopSamples'], frame['lengthSamples'], feature['frameSamples']
    centred = frame['placement'] == 'centre'
    count = 1 + (len(x) if centred else len(x) - length) // hop
    starts = [t * hop + (0 if centred else length // 2) - size // 2 for t in range(count)]
    rows = reference_pitch.rows(x, starts, feature, rate)
    low, high = feature.get('fMinHz', 65), feature.get('fMaxHz', 500)
    settings = {'fmin': low, 'fmax': high, 'sr': rate, 'frame_length': size,
                'trough_threshold': feature.get('troughThreshold', 0.1)}
    if centred:
        theirs = librosa.yin(x, hop_length=hop, **settings)
    else:
        theirs = librosa.yin(reference_pitch.frames(x, starts, size), hop_length=size, center=False, **settings)[:, 0]
    voiced = rows[:, 2] == 1
    assert voiced.sum() > 10 and (~voiced).sum() > 2, (name, voiced.sum())
    error = np.abs(rows[voiced, 0] / theirs[: len(rows)][voiced] - 1).max()
    assert error < 1e-6, (name, error)  # librosa takes d(k) from an FFT, which cancels at the period
    rows[voiced, 0] = theirs[: len(rows)][voiced]
    np.save(HERE / 'data' / f'{name}.npy', np.ascontiguousarray(rows[::step], np.float32))
    front_end = {'sampleRateHz': rate, 'frame': frame, 'features': [{'kind': 'pitch', **feature}]}
    cases.append({
        'name': name, 'group': 'pitch', 'source': 'librosa', 'fixture': fixture_name, 'cut': cut, 'offset': offset,
        'frameStep': step, 'peerFile': None, **({'set': set_name} if set_name else {'frontEnd': front_end}),
    })


def pitch_cases():
    def frame(length, hop, placement='centre'):
        return {'lengthSamples': length, 'hopSamples': hop, 'fftSize': length, 'placement': placement}

    pitch_case('undertone-pitch', 16000, frame(512, 160), {'frameSamples': 512}, set_name='undertone-pitch')
    pitch_case('pitch-long-frame', 16000, frame(400, 160), {'frameSamples': 1024})
    pitch_case('pitch-wide-hop', 16000, frame(400, 700), {'frameSamples': 500})
    pitch_case('pitch-short-hop', 16000, frame(400, 13), {'frameSamples': 494}, cut=[8000, 16000], step=6)
    pitch_case('pitch-snip', 16000, frame(480, 110, 'snip'), {'frameSamples': 600, 'fMinHz': 75, 'fMaxHz': 333}, step=2)
    pitch_case('pitch-22k', 22050, frame(2048, 512), {'frameSamples': 2048, 'fMinHz': 50, 'fMaxHz': 2093})
    pitch_case('pitch-thresholds', 16000, frame(512, 160), {
        'frameSamples': 512, 'troughThreshold': 0.3, 'voicedThreshold': 0.3})


def descriptor_cases():
    check_descriptors.check(fixture('librivox-16k'), fixture('librivox-22k'))
    moments = [{'kind': f'spectral-{name}'} for name in ('centroid', 'bandwidth', 'skewness', 'kurtosis')]
    spectral = [*moments, {'kind': 'spectral-flux'}, {'kind': 'spectral-flatness'}, {'kind': 'spectral-slope'}]
    shares = [{'kind': 'spectral-roll-off', 'share': share} for share in (0.01, 0.5, 0.85, 0.95, 0.99)]
    time = [{'kind': kind} for kind in ('zero-crossing-rate', 'energy', 'rms', 'energy-entropy')]
    every = [*time, *spectral, {'kind': 'spectral-entropy'}, *shares]
    windowed = [{**f, 'windowed': True} for f in (*time[1:3], {'kind': 'energy-entropy', 'blocks': 7})]
    svm = [{**f, 'windowed': True} if 'energy' in f['kind'] else f for f in check_descriptors.PYAUDIOANALYSIS]
    pyaudioanalysis = [f for f in svm if 'convention' in f]

    case('descriptors', 'descriptors-librosa', {**check_descriptors.LIBROSA, 'features': every},
         fixture_name='librivox-22k', step=1)
    case('descriptors', 'descriptors-rectangular', {
        **check_descriptors.RECTANGULAR, 'features': check_descriptors.PYAUDIOANALYSIS})
    case('descriptors', 'descriptors-400', {
        'sampleRateHz': 16000, 'samples': {'fullScale': 32768}, 'spectrum': {'descriptorFftSize': 400}, 'features': svm,
        'frame': frame16(window='hamming', windowSymmetry='symmetric')}, step=1)
    # No bin at the Nyquist frequency, and blocks that do not fill the frame or the spectrum.
    odd = front16(spectrum={'descriptorFftSize': 405})
    case('descriptors', 'descriptors-405', {
        **odd, 'features': [*spectral, {'kind': 'spectral-entropy', 'blocks': 9}, *windowed, *shares]})
    case('descriptors', 'descriptors-405-pyaudioanalysis', {**odd, 'features': pyaudioanalysis})
    for name, conditioning in {
        'centre': {'placement': 'centre', 'padding': 'reflect', 'removeDc': True, 'preEmphasis': 0.9},
        'kaldi-centre': {'placement': 'kaldi-centre', 'padding': 'symmetric', 'preEmphasis': 0.9, 'preEmphasisScope': 'signal'},
        'zero': {'placement': 'centre', 'removeDc': True},
    }.items():
        for cut in (None, [9000, 9090]):
            short = '-short' if cut else ''
            for convention, listed in {'': every, '-pyaudioanalysis': pyaudioanalysis}.items():
                case('descriptors', f'descriptors-{name}{convention}{short}', front16(
                    frame=frame16(lengthSamples=321, **conditioning), features=listed), cut=cut, offset=0.015625, step=8)
    # Stages and descriptors in one row, in any order, with decibels that wait for the utterance's maximum.
    decibels = {'kind': 'db', 'reference': 'max', 'topDb': 60}
    case('descriptors', 'row-of-all', front16(
        mel={**MEL40, 'bands': 20}, log=decibels, cepstrum={'coefficients': 13, 'c0': 'log-energy'},
        features=[{'kind': kind} for kind in ('spectral-flux', 'cepstrum', 'rms', 'log', 'mel', 'zero-crossing-rate')]))
    case('descriptors', 'row-of-two', front16(
        mel={**MEL40, 'bands': 20}, log=LN, features=[{'kind': 'log'}, {'kind': 'spectral-flatness'}]))


def reference_set_case(name, fixture_name, **arrays):
    """arrays: file name's ending -> one row"""
    for ending, row in arrays.items():
        assert np.isfinite(row).all(), name
        np.save(HERE / 'data' / f'{name}{ending}.npy', np.ascontiguousarray(row[None], np.float32))
    cases.append({
        'name': name, 'group': 'set', 'source': 'system', 'fixture': fixture_name, 'cut': None, 'offset': 0.0, 'frameStep': 1,
        'peerFile': None, **({'scaleFile': f'{name}.scale.npy'} if len(arrays) > 1 else {}), 'set': name})


def reference_set_cases():
    """Straight from what the systems compute: nothing of reference.py is in between."""
    for name, (fixture_name, vector) in reference_sets.SETS.items():
        reference_set_case(name, fixture_name, **{'': vector(fixture(fixture_name))})
    for name, (fixture_name, features) in reference_sets.MEANS.items():
        rows = np.concatenate(features(fixture(fixture_name))).T
        # A mean alone does not say how far its column reaches.
        reference_set_case(name, fixture_name, **{'': rows.mean(axis=0), '.scale': np.sqrt((rows**2).mean(axis=0))})


def descriptor_set_cases():
    kinds = ['zero-crossing-rate', 'rms', 'energy-entropy', 'spectral-centroid', 'spectral-bandwidth', 'spectral-skewness',
             'spectral-kurtosis', 'spectral-entropy', 'spectral-flux', 'spectral-flatness']
    shares = [{'kind': 'spectral-roll-off', 'share': share} for share in (0.5, 0.85, 0.95)]
    descriptors = [*({'kind': kind} for kind in kinds), *shares, {'kind': 'spectral-slope'}]
    case('set', 'undertone-descriptors', front16(features=descriptors), step=4, set_name='undertone-descriptors')
    case('set', 'undertone-functionals', {
        **SETS['undertone-logmel-64'], 'cepstrum': {'coefficients': 13}, 'features': [*descriptors, {'kind': 'cepstrum'}],
        'deltas': {'order': 1, 'width': 9, 'convention': 'kaldi'},
        'statistics': ['mean', 'std', 'p5', 'p50', 'p95', 'slope'],
    }, set_name='undertone-functionals')


def tonal_cases():
    centred = front16(frame=frame16(placement='centre'))
    wide = {**centred, 'frame': frame16(lengthSamples=1600, fftSize=2048, placement='centre')}
    every = [{'kind': kind} for kind in reference_chroma.KINDS]
    case('tonal', 'chroma-magnitude', {**wide, 'features': [{'kind': 'chroma', 'spectrum': 'magnitude'}]}, 'librosa-tonal')
    case('tonal', 'chroma-short-frames', {**centred, 'features': [{'kind': 'chroma'}]}, 'librosa-tonal')
    # Not librosa's frames.
    snipped = front16(frame=frame16(window='hamming', preEmphasis=0.5, fftSize=405))
    case('tonal', 'chroma-snip', {**snipped, 'features': [{'kind': 'chroma'}]})
    # The hop is halved until it is odd; the octaves from there on stay at one rate.
    case('tonal', 'chroma-cqt-hop-160', {**centred, 'features': [{'kind': 'chroma-cqt'}]}, 'librosa-tonal', step=8)
    # More frames than are in memory at once.
    many = front16(frame=frame16(placement='centre', hopSamples=20), features=[{'kind': 'chroma-cqt'}])
    case('tonal', 'chroma-cqt-blocks', many, 'librosa-tonal', step=64)
    odd = {**LIBROSA['frame'], 'hopSamples': 735}
    case('tonal', 'tonnetz-odd-hop', {'sampleRateHz': 22050, 'frame': odd, 'features': [{'kind': 'tonnetz'}]},
         'librosa-tonal', 'librivox-22k')
    case('tonal', 'tonnetz-short', SETS['librosa-tonnetz'], 'librosa-tonal', 'librivox-22k', cut=[9000, 9600])
    # As if it were speech at 48 kHz: the rate is halved before the first octave.
    case('tonal', 'chroma-cqt-48k', {**SETS['librosa-tonnetz'], 'sampleRateHz': 48000, 'features': [{'kind': 'chroma-cqt'}]},
         'librosa-tonal', 'librivox-22k')
    contrast = {'kind': 'spectral-contrast', 'fMinHz': 150, 'bands': 4, 'quantile': 0.1}
    case('tonal', 'contrast-bands', {**wide, 'features': [contrast]}, 'librosa-tonal')
    case('tonal', 'contrast-descriptor-fft', front16(
        spectrum={'descriptorFftSize': 1024}, features=[{**contrast, 'quantile': 0.5, 'bands': 1}]))
    case('tonal', 'tonal-together', {**SETS['librosa-tonnetz'], 'features': every}, 'librosa-tonal', 'librivox-22k')
    case('tonal', 'tonal-statistics', {**SETS['librosa-tonnetz'], 'features': every, 'statistics': ['mean', 'max']},
         fixture_name='librivox-22k')


if __name__ == '__main__':
    (HERE / 'data').mkdir(exist_ok=True)
    for stale in (HERE / 'data').glob('*.npy'):
        stale.unlink()
    write_fixtures()
    for make in (set_cases, spectrum_cases, window_cases, mel_cases, log_cases, cepstrum_cases, delta_cases,
                 placement_cases, frame_cases, sample_cases, statistics_cases, functional_cases, cmvn_cases,
                 cut_cases, sequence_cases, log_range_cases, pitch_cases, descriptor_cases, descriptor_set_cases,
                 reference_set_cases, tonal_cases):
        make()
    (HERE / 'cases.json').write_text(json.dumps(cases, indent=1) + '\n')
    total = sum(f.stat().st_size for f in (HERE / 'data').glob('*.npy'))
    print(f'{len(cases)} cases, {total / 1e6:.2f} MB')
