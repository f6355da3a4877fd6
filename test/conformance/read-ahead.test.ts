/** Files are opened once for their samples, read front to back, and asked for before they are needed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { announceAudio, openAudio } from '@undertone/dsp-native';
import { afterAll, describe, expect, it } from 'vitest';
import { cliPath } from '../e2e/cli.js';
import { decodeAll, refusal, Scratch } from '../fixtures/audio-files.js';
import { seeded } from '../fixtures/random.js';
import { PCM, pack, wav } from '../fixtures/wav-bytes.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

function noise(name: string, seconds: number): string {
  const random = seeded(seconds);
  const samples = Float64Array.from({ length: seconds * 16000 }, () => random.below(20_000) - 10_000);
  return scratch.write(name, wav({ tag: PCM, channels: 1, rate: 16000, bits: 16 }, pack('s16', samples)));
}

describe('reads into an array of the caller', () => {
  const settings = { channels: 'split', sampleRateHz: 0 } as const;

  it('give the samples that fresh arrays give', () => {
    scratch.ffmpeg('-f', 'lavfi', '-i', 'anoisesrc=r=44100:d=1:seed=4', '-ac', '2', 'stereo.wav');
    const path = scratch.path('stereo.wav');
    const whole = decodeAll(path);
    const decoder = openAudio(path, settings);
    const into = new Float32Array(2 * 10_000 + 5);
    let at = 0;
    for (let block = decoder.read(10_000, into); block; block = decoder.read(10_000, into)) {
      expect(block.samples.buffer).toBe(into.buffer);
      for (const [c, samples] of whole.channels.entries()) {
        const found = block.samples.slice(c * block.frames, (c + 1) * block.frames);
        expect(found).toEqual(samples.slice(at, at + block.frames));
      }
      at += block.frames;
    }
    decoder.close();
    expect(at).toBe(44100);
  });

  it('refuse an array that is too short, and stay usable', () => {
    const decoder = openAudio(scratch.path('stereo.wav'), settings);
    const { code, message } = refusal(() => decoder.read(100, new Float32Array(199)));
    expect(code).toBe('usage');
    expect(message).toBe('Expected a Float32Array of at least 200 samples for into');
    expect(decoder.read(100, new Float32Array(200))?.frames).toBe(100);
    decoder.close();
  });
});

describe('announced files', () => {
  const settings = { channels: 'mix', sampleRateHz: 0 } as const;

  it('that do not exist are told about by the opening', () => {
    const path = scratch.path('nowhere.wav');
    announceAudio(path);
    expect(refusal(() => openAudio(path, settings)).code).toBe('not_found');
  });

  it('keep a few files open, never more', () => {
    const open = () => readdirSync('/proc/self/fd').length;
    const paths = Array.from({ length: 20 }, (_, i) => noise(`kept-${i}.wav`, 1));
    const before = open();
    for (const path of paths) announceAudio(path);
    expect(open()).toBeLessThanOrEqual(before + 4);
    for (const path of paths) openAudio(path, settings).close();
    expect(open()).toBe(before);
  });

  // What of a file is in memory, in bytes; negative where nobody can tell.
  function resident(path: string): number {
    const found = spawnSync('fincore', ['-n', '-b', '-o', 'RES', path], { encoding: 'utf8' });
    return found.status === 0 ? Number(found.stdout.trim()) : -1;
  }
  const probe = noise('evicted.wav', 20);
  execFileSync('sync', [probe]);
  spawnSync('dd', [`if=${probe}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' });
  const missing =
    resident(probe) === 0 ? '' : ' (fincore, or a file system that lets go of a file, is missing)';

  it.skipIf(missing !== '')(`come into memory without being read${missing}`, async () => {
    announceAudio(probe);
    for (let i = 0; i < 200 && resident(probe) < statSync(probe).size; i += 1)
      await new Promise((done) => setTimeout(done, 20));
    expect(resident(probe)).toBeGreaterThanOrEqual(statSync(probe).size);
    openAudio(probe, settings).close();
  });
});

describe('what a run asks of the file system', () => {
  const works = spawnSync('strace', ['-e', 'trace=none', 'true']).status === 0;

  it.skipIf(!works)(
    `each recording is read once, the next one asked for${works ? '' : ' (strace is missing)'}`,
    () => {
      const names = Array.from({ length: 5 }, (_, i) => `run-${i}.wav`);
      for (const [i, name] of names.entries()) noise(name, 6 + i);
      scratch.ffmpeg('-i', 'run-0.wav', 'run-5.flac');
      names.push('run-5.flac');
      const log = scratch.path('strace.log');
      const strace = ['-f', '-y', '-s', '0', '-o', log, '-e', 'trace=openat,pread64,read,fadvise64'];
      const inputs = names.map((name) => scratch.path(name));
      const run = ['run', ...inputs, '--out', scratch.path('out'), '--workers', '1', '--quiet'];
      const { status, stderr } = spawnSync('strace', [...strace, 'node', cliPath, ...run], {
        encoding: 'utf8',
      });
      expect(status, stderr).toBe(0);
      const lines = readFileSync(log, 'utf8').split('\n');
      const callsOn = (call: string, name: string): string[] =>
        lines.filter((line) => line.includes(`${call}(`) && line.includes(scratch.path(name)));
      for (const name of names) {
        // Once for its header, when the run is planned, and once for its samples.
        expect(callsOn('openat', name), name).toHaveLength(2);
        const reads = [...callsOn('pread64', name), ...callsOn('read', name)];
        const bytes = reads.reduce((sum, line) => sum + Number(/ = (\d+)$/.exec(line)?.[1] ?? 0), 0);
        expect(bytes, name).toBeLessThan(1.1 * statSync(scratch.path(name)).size + 200_000);
      }
      const lastOf = (call: string, name: string): number =>
        lines.indexOf(callsOn(call, name).at(-1) ?? 'none');
      for (const [i, name] of names.entries()) {
        const next = names[i + 1];
        if (next) expect(lastOf('openat', next), next).toBeLessThan(lastOf('pread64', name));
      }
      expect(callsOn('fadvise64', 'run-1.wav').some((line) => line.includes('WILLNEED'))).toBe(true);
    },
  );
});
