"""Measures Undertone and its peers, taking turns on one core, and prints ratios. Started by `run`; see README.md."""

import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import audio
import quality
from protocol import Side

HERE = pathlib.Path(__file__).resolve().parent
DEBIAN_PYTHON = '/usr/bin/python3'
RATE_OUT = 16000
RESAMPLED = (48000, 44100, 22050, 24414)
# torchaudio's filter has a row for each of 8,000 phases at 24,414 Hz: minutes.
TORCHAUDIO_RESAMPLED = (48000, 44100, 22050)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--quick', action='store_true', help='12 s of audio, 3 short rounds: only whether it works')
    parser.add_argument('--json', help='also write everything to this file')
    parser.add_argument('--input', help='a folder of recordings instead of the generated audio')
    parser.add_argument('--only', default='', help='only works whose name contains this')
    parser.add_argument('--rounds', type=int, help='rounds that count (7; at least 5 for a figure)')
    parser.add_argument('--seconds', type=float, help='length of the audio (60)')
    parser.add_argument('--cpu', type=int, default=max(os.sched_getaffinity(0)), help='the core (the last)')
    parser.add_argument('--resampler', required=True, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    chosen.rounds = chosen.rounds or (3 if chosen.quick else 7)
    chosen.seconds = chosen.seconds or (12 if chosen.quick else 60)
    return chosen


class Bench:
    """The folder with the audio, and the commands of the sides."""

    def __init__(self, chosen: argparse.Namespace, folder: pathlib.Path) -> None:
        self.chosen = chosen
        self.folder = folder

    def audio(self, rate: int) -> str:
        path = self.folder / f'{rate}.f32'
        if not path.exists():
            make = (lambda s, r: audio.from_folder(self.chosen.input, s, r)) if self.chosen.input else audio.speech_like
            samples = make(self.chosen.seconds, rate)
            samples.tofile(path)
            audio.write_wav(path.with_suffix('.wav'), samples, rate)
        return str(path)

    def undertone(self, rate: int, *work: str) -> list[str]:
        return ['node', str(HERE / 'undertone.mjs'), self.audio(rate), str(rate), *work]

    def peer(self, rate: int, *work: str, python: str = sys.executable) -> list[str]:
        return [python, str(HERE / 'peer.py'), self.audio(rate), str(rate), *work]

    def torchaudio(self, rate: int, *work: str) -> list[str]:
        return self.peer(rate, *work, python=DEBIAN_PYTHON)

    def resampler(self, rate: int, seconds: int = 0, piece: int = 0) -> list[str]:
        return [self.chosen.resampler, self.audio(rate), str(rate), str(RATE_OUT), str(seconds), str(piece)]

    def works(self) -> list[tuple[str, list[str], list[tuple[str, list[str]]]]]:
        """(name, Undertone's command, the peers by name and command). The numbers are seconds a segment; 0: one."""
        us, peer, torch = self.undertone, self.peer, self.torchaudio
        found = [
            ('log-mel 80', us(16000, 'features', 'log-mel-80', '10'), [
                ('torchaudio', torch(16000, 'torchaudio-log-mel', '10')),
                ('kaldi-native-fbank', peer(16000, 'kaldi-fbank', '10')),
                ('librosa', peer(16000, 'librosa-log-mel', '10')),
            ]),
            ('log-mel 80, one piece', us(16000, 'features', 'log-mel-80', '0'), [
                ('openSMILE', peer(16000, 'opensmile', 'log-mel-80')),
            ]),
            ('MFCC 13 of 40', us(16000, 'features', 'mfcc-13-of-40', '10'), [
                ('torchaudio', torch(16000, 'torchaudio-mfcc', '10')),
                ('librosa', peer(16000, 'librosa-mfcc', '10')),
            ]),
            ('MFCC 13 of 40, one piece', us(16000, 'features', 'mfcc-13-of-40', '0'), [
                ('openSMILE', peer(16000, 'opensmile', 'mfcc-13-of-40')),
            ]),
            ('kaldi-fbank-80', us(16000, 'features', 'kaldi-fbank-80', '10'), [
                ('kaldi-native-fbank', peer(16000, 'kaldi-fbank', '10')),
            ]),
            ('kaldi-mfcc-13', us(16000, 'features', 'kaldi-mfcc-13', '10'), [
                ('kaldi-native-fbank', peer(16000, 'kaldi-mfcc', '10')),
            ]),
            ('reference-178', us(22050, 'features', 'reference-178', '3.1'), [
                ('librosa', peer(22050, 'librosa-178', '3.1')),
            ]),
            ('reference-200', us(16000, 'features', 'reference-200', '3'), [
                ('pyAudioAnalysis', peer(16000, 'pyaudioanalysis-200', '3')),
            ]),
        ]
        for rate in RESAMPLED:
            title = f'resample {rate} to {RATE_OUT}'
            peers = [(name, peer(rate, name, str(RATE_OUT))) for name in ('soxr-hq', 'soxr-mq')]
            if rate in TORCHAUDIO_RESAMPLED:
                peers.append(('torchaudio-kaiser', torch(rate, 'torchaudio-kaiser', str(RATE_OUT))))
            found.append((title, self.resampler(rate), peers))
            clips = [(name, peer(rate, name, f'{RATE_OUT},3')) for name in ('soxr-hq', 'soxr-mq')]
            found.append((f'{title} in clips of 3 s', self.resampler(rate, seconds=3), clips))
            pieces = [('soxr-hq-stream', peer(rate, 'soxr-hq-stream', str(RATE_OUT)))]
            found.append((f'{title} in pieces of 16384', self.resampler(rate, piece=16384), pieces))
            recording = self.audio(rate).removesuffix('.f32') + '.wav'
            found.append((
                f'16-bit WAV {rate} decoded and resampled to {RATE_OUT}',
                us(rate, 'decode', recording, str(RATE_OUT)),
                [('soxr-hq, without decoding', peer(rate, 'soxr-hq', str(RATE_OUT))),
                 ('Undertone, decoding alone', us(rate, 'decode', recording, '0'))],
            ))
        return [entry for entry in found if self.chosen.only in entry[0]]


def start(name: str, command: list[str], chosen: argparse.Namespace) -> Side | None:
    try:
        return Side(command, 0.02 if chosen.quick else 0.2)
    except RuntimeError as error:
        print(f'    left out: {name}: {error}', flush=True)
        return None


def summary(values: list[float]) -> dict:
    return {'median': statistics.median(values), 'min': min(values), 'max': max(values), 'values': values}


def measure(name: str, ours: list[str], peers: list[tuple[str, list[str]]], chosen: argparse.Namespace) -> dict | None:
    """Rounds of all sides in turn; a ratio is that of one round."""
    print(name, flush=True)
    sides = {'Undertone': start('Undertone', ours, chosen)}
    if sides['Undertone'] is None:
        return None
    for peer, command in peers:
        sides[peer] = start(peer, command, chosen)
    running = {side: process for side, process in sides.items() if process is not None}
    speeds: dict[str, list[float]] = {side: [] for side in running}
    for turn in range(chosen.rounds + 1):
        order = list(running) if turn % 2 == 0 else list(reversed(running))
        taken = {side: running[side].go() for side in order}
        if turn == 0:
            continue  # warm-up
        for side, seconds in taken.items():
            speeds[side].append(chosen.seconds / seconds)
    for process in running.values():
        process.close()
    result = {'work': name, 'undertone': {**running['Undertone'].about, 'speed': summary(speeds['Undertone'])}, 'peers': []}
    for peer, process in running.items():
        if peer == 'Undertone':
            continue
        ratios = [a / b for a, b in zip(speeds['Undertone'], speeds[peer])]
        result['peers'].append(
            {'peer': peer, **process.about, 'speed': summary(speeds[peer]), 'ratio': summary(ratios)}
        )
    report(result)
    return result


def report(result: dict) -> None:
    for entry in result['peers']:
        ratio, ours, theirs = entry['ratio'], result['undertone']['speed'], entry['speed']
        print(
            f'    ÷ {entry["peer"]:<28} {ratio["median"]:8.2f} ({ratio["min"]:.2f}–{ratio["max"]:.2f})'
            f'   ours {ours["median"]:,.0f} × ({ours["min"]:,.0f}–{ours["max"]:,.0f})'
            f'   theirs {theirs["median"]:,.0f} × ({theirs["min"]:,.0f}–{theirs["max"]:,.0f})'
            f'   {result["undertone"]["rows"]}×{result["undertone"]["columns"]}'
            f' and {entry["rows"]}×{entry["columns"]}',
            flush=True,
        )


def measure_quality(bench: Bench) -> list[dict]:
    found = []
    for rate in RESAMPLED:
        if bench.chosen.only not in f'resample {rate} to {RATE_OUT}':
            continue
        tones = bench.folder / f'tones-{rate}.f32'
        quality.write_tones(tones, rate, RATE_OUT)
        replaced = bench.audio(rate)
        sides = [('Undertone', bench.resampler(rate))]
        sides += [(name, bench.peer(rate, name, str(RATE_OUT))) for name in ('soxr-hq', 'soxr-mq')]
        if rate in TORCHAUDIO_RESAMPLED:
            sides.append(('torchaudio-kaiser', bench.torchaudio(rate, 'torchaudio-kaiser', str(RATE_OUT))))
        for name, command in sides:
            side = start(name, [str(tones) if part == replaced else part for part in command], bench.chosen)
            if side is None:
                continue
            out = side.save(str(bench.folder / 'out.f32'))
            side.close()
            found.append({'rate': rate, 'side': name, **quality.judge(out, rate, RATE_OUT)})
            print('    {rate} Hz {side:<20} stop band {stopDb} dB, error in the pass band {passErrorDb} dB'.format(**found[-1]))
    return found


def machine(cpu: int) -> dict:
    model = next(
        (line.split(':')[1].strip() for line in open('/proc/cpuinfo') if line.startswith('model name')), platform.machine()
    )
    flags = next((line for line in open('/proc/cpuinfo') if line.startswith(('flags', 'Features'))), '')
    return {
        'cpu': model,
        'cores': os.cpu_count(),
        'core': cpu,
        'avx512': 'avx512f' in flags,
        'system': platform.platform(),
        'node': subprocess.run(['node', '--version'], capture_output=True, text=True, check=True).stdout.strip(),
        'python': platform.python_version(),
        'date': time.strftime('%Y-%m-%d'),
        'loadBefore': os.getloadavg(),
    }


def main() -> None:
    chosen = arguments()
    os.sched_setaffinity(0, {chosen.cpu})  # the sides inherit it
    report_of = {'command': 'bench/peers/run ' + ' '.join(sys.argv[3:]), 'machine': machine(chosen.cpu)}
    source = chosen.input or 'generated'
    report_of['audio'] = {'source': source, 'seconds': chosen.seconds}
    print(json.dumps(report_of['machine']), f'audio: {chosen.seconds:g} s, {source}; {chosen.rounds} rounds', sep='\n')
    folder = pathlib.Path(tempfile.mkdtemp(prefix='undertone-peers-'))
    try:
        bench = Bench(chosen, folder)
        results = [measure(*work, chosen) for work in bench.works()]
        report_of['results'] = [result for result in results if result]
        print('quality of the resamplers', flush=True)
        report_of['quality'] = measure_quality(bench)
    finally:
        shutil.rmtree(folder)
    report_of['machine']['loadAfter'] = os.getloadavg()
    versions = sorted({e['version'] for r in report_of['results'] for e in (r['undertone'], *r['peers'])})
    print('versions: ' + '; '.join(versions))
    print(f'load average before {report_of["machine"]["loadBefore"]}, after {report_of["machine"]["loadAfter"]}')
    if chosen.json:
        pathlib.Path(chosen.json).write_text(json.dumps(report_of, indent=1) + '\n')


if __name__ == '__main__':
    main()
