"""A peer's side of compare.py. Protocol: protocol.py.

    peer.py <audio.f32> <rate> <work> [argument]

`segments` is the audio in pieces of the seconds named by the argument, 0 for one piece. Modules are imported by the work
that needs them: torchaudio comes with another Python than the rest.
"""

import pathlib
import sys
import warnings

import numpy as np

from protocol import serve

HERE = pathlib.Path(__file__).resolve().parent
warnings.filterwarnings('ignore')


def cut(samples: np.ndarray, rate: int, seconds: float) -> list[np.ndarray]:
    each = round(seconds * rate) if seconds > 0 else len(samples)
    return [samples[i * each : (i + 1) * each].copy() for i in range(len(samples) // each)]


def stacked(segments, work):
    """The work on every segment; the features are joined only to be looked at, as Undertone's are."""
    return lambda: np.concatenate([work(segment) for segment in segments])


def torchaudio_version():
    import torch
    import torchaudio

    # Debian's torch multiplies matrices with whatever BLAS the system has; its own reference BLAS is several times slower.
    lines = pathlib.Path('/proc/self/maps').read_text().splitlines()
    folders = {pathlib.Path(line.split()[-1]).resolve().parent.name for line in lines if 'blas' in line}
    blas = ' and '.join(sorted(folders)) or 'built in'
    return f'torchaudio {torchaudio.__version__}, torch {torch.__version__}, BLAS {blas}'


def torchaudio_features(samples, rate, argument, transform_of):
    import torch
    import torchaudio

    torch.set_num_threads(1)
    transform = transform_of(torchaudio.transforms)
    # One batch: every segment has the same length.
    batch = torch.from_numpy(np.stack(cut(samples, rate, float(argument))))

    def work():
        with torch.no_grad():
            return transform(batch).transpose(1, 2).reshape(-1, transform_columns).numpy()

    with torch.no_grad():
        transform_columns = transform(batch[:1]).shape[1]
    return work, torchaudio_version()


def torchaudio_log_mel(samples, rate, argument):
    def transform_of(transforms):
        import torch

        return torch.nn.Sequential(
            transforms.MelSpectrogram(rate, n_fft=512, win_length=400, hop_length=160, n_mels=80),
            transforms.AmplitudeToDB(top_db=80),
        )

    return torchaudio_features(samples, rate, argument, transform_of)


def torchaudio_mfcc(samples, rate, argument):
    sizes = {'n_fft': 512, 'win_length': 400, 'hop_length': 160, 'n_mels': 40}
    return torchaudio_features(
        samples, rate, argument, lambda transforms: transforms.MFCC(rate, n_mfcc=13, melkwargs=sizes)
    )


def torchaudio_kaiser(samples, rate, argument):
    import torch
    import torchaudio

    torch.set_num_threads(1)
    # torchaudio's documentation: the settings of resampy's kaiser_best.
    resample = torchaudio.transforms.Resample(
        rate, int(argument), resampling_method='kaiser_window', lowpass_filter_width=64,
        rolloff=0.9475937167399596, beta=14.769656459379492,
    )
    whole = torch.from_numpy(samples)

    def work():
        with torch.no_grad():
            return resample(whole).numpy()

    return work, torchaudio_version()


def kaldi(samples, rate, argument, online_class, options):
    import kaldi_native_fbank

    options.frame_opts.dither = 0
    options.frame_opts.samp_freq = rate
    segments = cut(samples * 32768, rate, float(argument))

    def work(segment):
        online = online_class(options)
        online.accept_waveform(rate, segment)
        online.input_finished()
        return np.stack([online.get_frame(i) for i in range(online.num_frames_ready)])

    return stacked(segments, work), f'kaldi-native-fbank {kaldi_native_fbank.__version__}'


def kaldi_fbank(samples, rate, argument):
    import kaldi_native_fbank

    options = kaldi_native_fbank.FbankOptions()
    options.mel_opts.num_bins = 80
    options.mel_opts.high_freq = 0
    return kaldi(samples, rate, argument, kaldi_native_fbank.OnlineFbank, options)


def kaldi_mfcc(samples, rate, argument):
    import kaldi_native_fbank

    options = kaldi_native_fbank.MfccOptions()
    options.num_ceps = 13
    options.mel_opts.num_bins = 23
    return kaldi(samples, rate, argument, kaldi_native_fbank.OnlineMfcc, options)


def librosa_log_mel(samples, rate, argument):
    import librosa

    def work(segment):
        mel = librosa.feature.melspectrogram(
            y=segment, sr=rate, n_fft=512, win_length=400, hop_length=160, n_mels=80
        )
        return librosa.power_to_db(mel).T

    return stacked(cut(samples, rate, float(argument)), work), f'librosa {librosa.__version__}'


def librosa_mfcc(samples, rate, argument):
    import librosa

    def work(segment):
        return librosa.feature.mfcc(
            y=segment, sr=rate, n_mfcc=13, n_mels=40, n_fft=512, win_length=400, hop_length=160
        ).T

    return stacked(cut(samples, rate, float(argument)), work), f'librosa {librosa.__version__}'


def librosa_178(samples, rate, argument):
    """The 178 values of a segment from 0.6 s on: means over time of each feature, 2048 samples every 512 at 22,050 Hz."""
    import librosa

    feature = librosa.feature

    def work(segment):
        y = segment[round(0.6 * rate):]
        magnitude = np.abs(librosa.stft(y))
        return np.hstack([
            feature.zero_crossing_rate(y).mean(axis=1),
            feature.chroma_stft(S=magnitude, sr=rate).mean(axis=1),
            feature.mfcc(y=y, sr=rate, n_mfcc=20).mean(axis=1),
            feature.rms(y=y).mean(axis=1),
            feature.melspectrogram(y=y, sr=rate).mean(axis=1),
            feature.spectral_rolloff(y=y, sr=rate).mean(axis=1),
            feature.spectral_centroid(y=y, sr=rate).mean(axis=1),
            feature.spectral_contrast(y=y, sr=rate).mean(axis=1),
            feature.spectral_bandwidth(y=y, sr=rate).mean(axis=1),
            feature.tonnetz(y=y, sr=rate).mean(axis=1),
        ])[np.newaxis]

    return stacked(cut(samples, rate, float(argument)), work), f'librosa {librosa.__version__}'


def pyaudioanalysis_200(samples, rate, argument):
    """Short-term features, 25 ms every 10 ms, the first 20 of them under ten statistics: 200 values."""
    from importlib.metadata import version

    from pyAudioAnalysis import ShortTermFeatures
    from scipy import stats

    def work(segment):
        rows, _ = ShortTermFeatures.feature_extraction(
            segment * 32768, rate, 0.025 * rate, 0.010 * rate, deltas=False
        )
        rows = rows[:20]
        low, high = rows.min(axis=1), rows.max(axis=1)
        return np.concatenate([
            rows.mean(axis=1), np.median(rows, axis=1), rows.std(axis=1), stats.kurtosis(rows, axis=1),
            stats.skew(rows, axis=1), np.percentile(rows, 1, axis=1), np.percentile(rows, 99, axis=1),
            low, high, high - low,
        ])[np.newaxis]

    return stacked(cut(samples, rate, float(argument)), work), f'pyAudioAnalysis {version("pyAudioAnalysis")}'


def opensmile_features(samples, rate, argument):
    """A configuration of our own beside this file that computes nothing else. Each call parses it anew, as openSMILE does."""
    import opensmile

    smile = opensmile.Smile(
        feature_set=str(HERE / f'opensmile-{argument}.conf'), feature_level='features', num_workers=1
    )

    def work():
        return np.asarray(smile(samples, rate)).reshape(smile.num_channels, smile.num_features, -1)[0].T

    return work, f'opensmile {opensmile.__version__}'


def soxr_whole(quality):
    """The argument is the rate, or the rate and the seconds of a segment with a comma between them."""

    def make(samples, rate, argument):
        import soxr

        to_rate, _, seconds = argument.partition(',')
        segments = cut(samples, rate, float(seconds or 0))
        if not seconds:
            return (
                lambda: soxr.resample(samples, rate, int(to_rate), quality=quality)
            ), f'soxr {soxr.__version__}, libsoxr {soxr.__libsoxr_version__}'
        return (
            stacked(segments, lambda segment: soxr.resample(segment, rate, int(to_rate), quality=quality))
        ), f'soxr {soxr.__version__}, libsoxr {soxr.__libsoxr_version__}'

    return make


def soxr_stream(quality):
    def make(samples, rate, argument):
        import soxr

        piece = 1 << 14

        def work():
            stream = soxr.ResampleStream(rate, int(argument), 1, dtype='float32', quality=quality)
            return np.concatenate([
                stream.resample_chunk(samples[at : at + piece], last=at + piece >= len(samples))
                for at in range(0, len(samples), piece)
            ])

        return work, f'soxr {soxr.__version__}, libsoxr {soxr.__libsoxr_version__}'

    return make


WORKS = {
    'torchaudio-log-mel': torchaudio_log_mel,
    'torchaudio-mfcc': torchaudio_mfcc,
    'torchaudio-kaiser': torchaudio_kaiser,
    'kaldi-fbank': kaldi_fbank,
    'kaldi-mfcc': kaldi_mfcc,
    'librosa-log-mel': librosa_log_mel,
    'librosa-mfcc': librosa_mfcc,
    'librosa-178': librosa_178,
    'pyaudioanalysis-200': pyaudioanalysis_200,
    'opensmile': opensmile_features,
    'soxr-hq': soxr_whole('HQ'),
    'soxr-mq': soxr_whole('MQ'),
    'soxr-hq-stream': soxr_stream('HQ'),
}


def main() -> None:
    audio, rate, work, argument = sys.argv[1:5]
    samples = np.fromfile(audio, dtype=np.float32)
    serve(*WORKS[work](samples, int(rate), argument))


if __name__ == '__main__':
    main()
