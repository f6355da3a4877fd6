/** Files that are no recording, lie about themselves or are cut anywhere: a row each, and no other recording's is touched. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { Scratch } from '../fixtures/audio-files.ts';
import { environmentWith } from '../fixtures/faults.ts';
import { seeded } from '../fixtures/random.ts';
import { babble, toCodes } from '../fixtures/wav.ts';
import { FLOAT, type FormatSpec, PCM, pack, wav, wide } from '../fixtures/wav-bytes.ts';
import { cliPath, readBytes, readTable, start, type TableRow, undertone } from './cli.ts';
import { childrenOf } from './processes.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-files-'));
const scratch = new Scratch();
afterAll(() => {
  rmSync(work, { recursive: true });
  scratch.remove();
});

const mono: FormatSpec = { tag: PCM, channels: 1, rate: 16000, bits: 16 };
const data = pack('s16', toCodes(babble(2, 16000, 1)));
const good = wav(mono, data);
const outcome = (row: TableRow | undefined): string =>
  row ? `${row.status} ${row.error_code}`.trim() : 'no row';

async function outcomes(folder: string, ...flags: string[]): Promise<Map<string, string>> {
  const out = `${folder}-out`;
  const { code, stderr } = await undertone(['run', folder, '--out', out, '--max-error-share', '1', ...flags]);
  expect(code, stderr).toBe(0);
  return new Map(readTable(out, 'files.csv').map((row) => [row.file?.slice(2) ?? '', outcome(row)]));
}

function put(folder: string, files: Readonly<Record<string, Buffer | string>>): string {
  const path = join(work, folder);
  mkdirSync(path, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}

describe('headers that lie', () => {
  const floats = (...values: number[]): Buffer =>
    pack(
      'f32',
      Float32Array.from({ length: 48_000 }, (_, i) => values[i % values.length] ?? 0),
    );
  const float: FormatSpec = { tag: FLOAT, channels: 1, rate: 16000, bits: 32 };
  const cases: readonly [name: string, bytes: Buffer | string, outcome: string][] = [
    ['0 bytes', '', 'error empty'],
    ['a header alone', wav(mono, Buffer.alloc(0)), 'error empty'],
    ['a header of 4 GB alone', wav(mono, Buffer.alloc(0), 0xfffff000), 'error empty'],
    ['all ones alone', wav(mono, Buffer.alloc(0), 0xffffffff), 'error empty'],
    ['claims 3 GB', wav(mono, data, 3_000_000_000), 'partial truncated'],
    ['claims all ones', wav(mono, data, 0xffffffff), 'ok'],
    ['claims 0, streamed', wav(mono, data, 0), 'ok'],
    ['rf64 that claims a terabyte', wide('RF64', mono, data, 2 ** 40), 'partial truncated'],
    ['rf64 that is right', wide('RF64', mono, data), 'ok'],
    ['0 channels', wav({ ...mono, channels: 0 }, data), 'error corrupt'],
    ['255 channels', wav({ ...mono, channels: 255 }, Buffer.concat(Array(255).fill(data))), '*'],
    ['256 channels', wav({ ...mono, channels: 256 }, data), 'error corrupt'],
    ['1 Hz', wav({ ...mono, rate: 1 }, data), 'error corrupt'],
    ['999 Hz', wav({ ...mono, rate: 999 }, data), 'error corrupt'],
    ['1000 Hz', wav({ ...mono, rate: 1000 }, data), '*'],
    ['768 kHz', wav({ ...mono, rate: 768_000 }, Buffer.concat(Array(24).fill(data))), '*'],
    ['4 GHz', wav({ ...mono, rate: 4_000_000_000 }, data), 'error corrupt'],
    ['nothing but NaN', wav(float, floats(Number.NaN)), 'no_speech'],
    [
      'NaN and infinity among noise',
      wav(float, floats(Number.NaN, Infinity, -Infinity, 1e38, 0.1, -0.1)),
      '*',
    ],
  ];

  it('each has its own outcome, and no number in a table is not a number', async () => {
    const files = Object.fromEntries(cases.map(([name, bytes]) => [`${name}.wav`, bytes]));
    const found = await outcomes(put('headers', { ...files, 'good.wav': good }), '--formats', 'csv,parquet');
    for (const [name, , expected] of cases) {
      // * is labelled; whether it sounds like speech is not the question.
      if (expected !== '*') expect(found.get(`${name}.wav`), name).toBe(expected);
      else expect(found.get(`${name}.wav`), name).toMatch(/^(ok|no_speech)$/);
    }
    expect(found.get('good.wav')).toBe('ok');
    expect(found.size).toBe(cases.length + 1);
    for (const table of ['segments.csv', 'files.csv'])
      expect(readBytes(join(work, 'headers-out'), table)).not.toMatch(/,(nan|inf|-inf|infinity),/i);
  });
});

describe('folders', () => {
  it.each([
    ['an empty one', {}],
    ['one without a recording', { 'notes.txt': 'x', 'scan.pdf': 'x' }],
  ])('%s is nothing to do, and says so', async (what, files) => {
    const { code, stderr } = await undertone(['run', put(what, files), '--out', join(work, 'nothing')]);
    expect(code).toBe(64);
    expect(stderr).toBe('The inputs hold no recording');
  });

  const plainUser = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const cannotRun = spawnSync('node', [cliPath, '--version'], plainUser).status !== 0;
  it.skipIf(cannotRun)(
    'and files that may not be read (needs a program that a plain user may read)',
    async () => {
      const folder = put('forbidden', { 'good.wav': good, 'secret.wav': good });
      put('forbidden/closed', { 'inside.wav': good });
      const out = join(work, 'forbidden-out');
      mkdirSync(out);
      for (const [path, mode] of [
        [work, 0o755],
        [out, 0o777],
        [join(folder, 'secret.wav'), 0],
        [join(folder, 'closed'), 0],
      ] as const)
        chmodSync(path, mode);
      const args = [cliPath, 'run', folder, '--out', out, '--max-error-share', '1'];
      const { exitCode, stderr } = await execa('node', args, { reject: false, ...plainUser });
      chmodSync(join(folder, 'closed'), 0o755);
      expect(exitCode, stderr).toBe(0);
      const rows = readTable(out, 'files.csv').map((row) => [row.file, outcome(row), row.error_message]);
      expect(rows).toEqual([
        ['./closed', 'error unreadable', 'Folder cannot be read: permission denied'],
        ['./good.wav', 'ok', ''],
        ['./secret.wav', 'error unreadable', 'The file may not be read: permission denied'],
      ]);
    },
  );
});

describe('no audio', () => {
  it('random bytes under every extension, and text', async () => {
    const random = seeded(5);
    const noise = (): Buffer => Buffer.from(Array.from({ length: 4000 }, () => random.below(256)));
    const extensions =
      'wav bwf rf64 w64 flac mp3 mp2 m4a aac ogg opus spx amr awb 3gp gsm au aiff caf wma mp4 mov mkv webm avi mpg ts flv ac3 dts ape wv tta';
    const files = Object.fromEntries(extensions.split(' ').map((name) => [`noise.${name}`, noise()]));
    const folder = put('noise', { ...files, 'text.wav': 'Dear diary\n'.repeat(500), 'good.wav': good });
    const found = await outcomes(folder);
    expect(found.get('good.wav')).toBe('ok');
    found.delete('good.wav');
    expect(found.size).toBe(extensions.split(' ').length + 1);
    for (const [name, what] of found) expect(what, name).toMatch(/^error (unsupported_codec|corrupt)$/);
  });

  it('lists that make players open other files or the network open nothing', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end(good);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/a.wav`;
    const folder = put('lists', {
      'hls.wav': `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${url}\n#EXT-X-ENDLIST\n`,
      'local.mp3': '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\ngood.wav\n#EXT-X-ENDLIST\n',
      'concat.wav': "ffconcat version 1.0\nfile 'good.wav'\n",
      'dash.mp4': `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="x"><BaseURL>${url}</BaseURL></MPD>`,
      'session.wav': 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n',
      'good.wav': good,
      'list.m3u8': '#EXTM3U\ngood.wav\n',
    });
    const found = await outcomes(folder);
    server.close();
    expect(asked).toBe(0);
    expect(found.get('good.wav')).toBe('ok');
    found.delete('good.wav');
    expect([...found.values()]).toEqual(Array(5).fill('error unsupported_codec'));
    expect(JSON.parse(readBytes(`${folder}-out`, 'run.json')).passedOver).toBe(1);
  });
});

describe('cut at every byte', () => {
  const short = wav({ ...mono, rate: 8000 }, pack('s16', toCodes(babble(0.3, 8000, 3))));
  const cutFolder = (name: string, whole: Buffer, lengths: readonly number[]): string => {
    const files = lengths.map((length) => [
      `${String(length).padStart(5, '0')}.${name}`,
      whole.subarray(0, length),
    ]);
    return put(`cut-${name}`, { ...Object.fromEntries(files), 'whole.wav': good });
  };

  it('WAV', async () => {
    // Every byte of the header, then every seventh: samples end on whole and half codes.
    const lengths = Array.from({ length: short.length }, (_, i) => i).filter((i) => i < 64 || i % 7 === 0);
    const found = await outcomes(cutFolder('wav', short, lengths));
    expect(found.get('whole.wav')).toBe('ok');
    for (const length of lengths) {
      const what = found.get(`${String(length).padStart(5, '0')}.wav`) ?? 'no row';
      if (length === 0) expect(what).toBe('error empty');
      else if (length < 46) expect(what, `${length}`).toMatch(/^error (unsupported_codec|corrupt|empty)$/);
      else expect(what, `${length}`).toMatch(/^(error too_short|partial truncated|no_speech( truncated)?)$/);
    }
  });

  it('FLAC', async () => {
    writeFileSync(scratch.path('short.wav'), short);
    scratch.ffmpeg('-i', 'short.wav', '-bitexact', 'short.flac');
    const whole = readFileSync(scratch.path('short.flac'));
    const lengths = Array.from({ length: whole.length }, (_, i) => i).filter((i) => i < 100 || i % 11 === 0);
    const found = await outcomes(cutFolder('flac', whole, lengths));
    expect(found.get('whole.wav')).toBe('ok');
    for (const length of lengths) {
      const what = found.get(`${String(length).padStart(5, '0')}.flac`) ?? 'no row';
      expect(what, `${length}`).toMatch(
        /^(error (empty|unsupported_codec|corrupt|too_short|truncated)|partial (truncated|corrupt)|no_speech (truncated|corrupt))$/,
      );
    }
  });
});

describe('what other programs put into recordings', () => {
  it('tags of megabytes, and the audio streams of a video', async () => {
    writeFileSync(scratch.path('good.wav'), good);
    scratch.ffmpeg('-i', 'good.wav', 'good.mp3');
    const size = 8_000_000;
    const tag = Buffer.alloc(10 + size);
    tag.write('ID3\x03', 'latin1');
    for (let i = 0; i < 4; ++i) tag[6 + i] = (size >> (7 * (3 - i))) & 0x7f;
    const inputs = [
      '-f',
      'lavfi',
      '-i',
      'testsrc=d=2:s=64x64',
      '-i',
      'good.wav',
      '-f',
      'lavfi',
      '-i',
      'anoisesrc=d=2:r=48000',
    ];
    scratch.ffmpeg(
      ...inputs,
      '-map',
      '0',
      '-map',
      '1',
      '-map',
      '2',
      '-c:v',
      'mpeg4',
      '-c:a',
      'aac',
      'streams.mkv',
    );
    const found = await outcomes(
      put('tags', {
        'tagged.mp3': Buffer.concat([tag, readFileSync(scratch.path('good.mp3'))]),
        'streams.mkv': readFileSync(scratch.path('streams.mkv')),
      }),
    );
    expect(Object.fromEntries(found)).toEqual({ 'streams.mkv': 'ok', 'tagged.mp3': 'ok' });
  });
});

describe('what call archives hold', () => {
  it('GSM, A-law, µ-law and ADPCM in WAV, two channels of a call', async () => {
    writeFileSync(scratch.path('good.wav'), good);
    const phone = ['-i', 'good.wav', '-ar', '8000'];
    const codecs: readonly [name: string, codec: string, shown: string][] = [
      ['a-law.wav', 'pcm_alaw', 'pcm_alaw'],
      ['mu-law.wav', 'pcm_mulaw', 'pcm_mulaw'],
      ['gsm.wav', 'libgsm_ms', 'gsm_ms'],
      ['adpcm.wav', 'adpcm_ms', 'adpcm_ms'],
      ['ima.wav', 'adpcm_ima_wav', 'adpcm_ima_wav'],
    ];
    for (const [name, codec] of codecs) scratch.ffmpeg(...phone, '-ac', '1', '-c:a', codec, name);
    const [left, right] = [babble(3, 8000, 1), babble(3, 8000, 2)];
    const both = Float32Array.from({ length: 48_000 }, (_, i) => (i % 2 ? right : left)[i >> 1] ?? 0);
    writeFileSync(
      scratch.path('both.wav'),
      wav({ ...mono, channels: 2, rate: 8000 }, pack('s16', toCodes(both))),
    );
    scratch.ffmpeg('-i', 'both.wav', '-c:a', 'pcm_mulaw', 'call.wav');
    const names = [...codecs.map(([name]) => name), 'call.wav'];
    const folder = put(
      'calls',
      Object.fromEntries(names.map((name) => [name, readFileSync(scratch.path(name))])),
    );
    const out = `${folder}-out`;
    const { code, stderr } = await undertone(['run', folder, '--out', out, '--channels', 'split']);
    expect(code, stderr).toBe(0);
    const rows = readTable(out, 'files.csv');
    for (const [name, , shown] of codecs) {
      const [row, ...more] = rows.filter((one) => one.file === `./${name}`);
      expect(row, name).toMatchObject({ codec: shown, sample_rate_hz: '8000', channel: '0' });
      expect(['ok', 'no_speech'], name).toContain(row?.status);
      expect(Number(row?.duration_s), name).toBeCloseTo(2, 1);
      expect(more).toEqual([]);
    }
    expect(rows.filter((row) => row.file === './call.wav').map((row) => [row.channel, row.channels])).toEqual(
      [
        ['0', '2'],
        ['1', '2'],
      ],
    );
    expect(readTable(out, 'segments.csv').every((row) => row.flags?.includes('narrowband'))).toBe(true);
  });
});

describe('a disk or network that fails', () => {
  const run = async (
    folder: string,
    faults: Parameters<typeof environmentWith>[0],
  ): Promise<Map<string, string>> => {
    const out = `${folder}-out`;
    const child = start(['run', folder, '--out', out, '--max-error-share', '1'], {
      env: environmentWith(faults),
    });
    const { exitCode, stderr } = await child;
    expect(exitCode, String(stderr)).toBe(0);
    return new Map(readTable(out, 'files.csv').map((row) => [row.file?.slice(2) ?? '', outcome(row)]));
  };
  const EIO = 5;
  const ESTALE = 116;

  it('in the middle of a recording: what came before it, and all others', async () => {
    const long = wav(mono, pack('s16', toCodes(babble(40, 16000, 4))));
    const folder = put('bad-sector', { 'a.wav': good, 'bad.wav': long, 'c.wav': good });
    const found = await run(folder, { FAULT_READ: `bad.wav:${EIO}:700000` });
    expect(found.get('bad.wav')).toMatch(/^(partial|error) unreadable$/);
    expect([found.get('a.wav'), found.get('c.wav')]).toEqual(['ok', 'ok']);
    const [row] = readTable(`${folder}-out`, 'errors.csv');
    expect(row?.error_message).toMatch(/Reading the file failed: Input\/output error/);
  });

  it('in the middle of a listing: the entries so far, a row for the folder, and all other folders', async () => {
    const folder = put('stale/in', { 'top.wav': good });
    put('stale/in/sub', { '1.wav': good, '2.wav': good, '3.wav': good });
    put('stale/in/whole', { 'a.wav': good });
    const found = await run(folder, { FAULT_LIST: `in/sub:${ESTALE}:3` });
    expect(found.get('sub')).toBe('error unreadable');
    expect(found.get('top.wav')).toBe('ok');
    expect(found.get('whole/a.wav')).toBe('ok');
  });
});

/** The most memory that the runners of a command had, in MB. */
async function peakMemoryOf(child: ReturnType<typeof start>): Promise<number> {
  let peak = 0;
  const timer = setInterval(() => {
    for (const pid of child.pid ? childrenOf(child.pid) : []) {
      const status = `/proc/${pid}/status`;
      const found = existsSync(status) ? /VmHWM:\s+(\d+) kB/.exec(readFileSync(status, 'utf8')) : null;
      peak = Math.max(peak, Number(found?.[1] ?? 0) / 1024);
    }
  }, 200);
  await child;
  clearInterval(timer);
  return peak;
}

describe('more than fits', () => {
  it('a recording of 24 hours in constant memory', async () => {
    const path = join(work, 'day.wav');
    const day = { tag: PCM, channels: 1, rate: 8000, bits: 16 };
    const bytes = 24 * 3600 * 8000 * 2;
    const descriptor = openSync(path, 'w');
    // Silence takes no room on the disk; someone speaks at noon.
    writeSync(descriptor, wav(day, Buffer.alloc(0), bytes));
    writeSync(descriptor, pack('s16', toCodes(babble(6, 8000, 8))), 0, undefined, 44 + bytes / 2);
    closeSync(descriptor);
    truncateSync(path, 44 + bytes);
    const out = join(work, 'day-out');
    const child = start(['run', path, '--out', out, '--workers', '1']);
    const peak = await peakMemoryOf(child);
    expect((await child).exitCode).toBe(0);
    const [row] = readTable(out, 'files.csv');
    expect(row).toMatchObject({ status: 'ok', duration_s: '86400.000' });
    const spoken = readTable(out, 'segments.csv').filter((one) => one.label !== 'no_speech');
    expect(spoken.length).toBeGreaterThan(0);
    for (const one of spoken) expect(Math.abs(Number(one.start_s) - 43_200)).toBeLessThan(10);
    expect(peak).toBeLessThan(550);
  });

  it('a few kilobytes that unpack to hours', async () => {
    scratch.ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'anullsrc=r=8000:cl=mono',
      '-t',
      '14400',
      '-frame_size',
      '65535',
      'bomb.flac',
    );
    const folder = put('bomb', { 'bomb.flac': readFileSync(scratch.path('bomb.flac')), 'good.wav': good });
    expect(readFileSync(scratch.path('bomb.flac')).length).toBeLessThan(40_000);
    const child = start(['run', folder, '--out', `${folder}-out`, '--workers', '1']);
    const peak = await peakMemoryOf(child);
    const rows = readTable(`${folder}-out`, 'files.csv');
    expect(rows.map(outcome)).toEqual(['no_speech', 'ok']);
    expect(rows[0]?.duration_s).toBe('14400.000');
    expect(peak).toBeLessThan(550);
  });
});
