/** What cannot be decoded: one code and one sentence each; and the rules of settings and of closing. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { openAudio, probeAudio } from '@undertone/dsp-native';
import { UndertoneError } from '@undertone/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeAll, refusal, Scratch } from '../fixtures/audio-files.js';
import { seeded } from '../fixtures/random.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const sine = Float32Array.from({ length: 8000 }, (_, i) => Math.sin(i / 5) / 2);
let good = '';
beforeAll(() => {
  good = scratch.float('good.wav', 8000, sine);
});

const refused = (path: string | Uint8Array) => refusal(() => probeAudio(path));

describe('files that are no recording', () => {
  const garbage = (seed: number): Buffer => {
    const random = seeded(seed);
    return Buffer.from(Array.from({ length: 20_000 }, () => random.below(256)));
  };

  it('missing', () => {
    const path = scratch.path('missing.wav');
    expect(refused(path)).toEqual({ code: 'not_found', subject: path, message: 'The file does not exist' });
    expect(refused(`${good}/inside`).code).toBe('not_found');
    symlinkSync(scratch.path('nowhere'), scratch.path('dangling.wav'));
    expect(refused(scratch.path('dangling.wav')).code).toBe('not_found');
  });

  it('a directory', () => {
    mkdirSync(scratch.path('folder.wav'));
    expect(refused(scratch.path('folder.wav'))).toMatchObject({
      code: 'unreadable',
      message: 'Expected a file but found a directory',
    });
  });

  it('a pipe, without waiting for a writer', () => {
    execFileSync('mkfifo', [scratch.path('pipe.wav')]);
    expect(refused(scratch.path('pipe.wav'))).toMatchObject({ code: 'unreadable' });
    expect(refused('/dev/zero').code).toBe('unreadable');
  });

  it.skipIf(process.getuid?.() === 0)('no permission (not tested as root, who may read anything)', () => {
    const path = scratch.float('secret.wav', 8000, sine);
    chmodSync(path, 0);
    expect(refused(path)).toMatchObject({ code: 'unreadable', message: /permission denied/ });
  });

  it('a symbolic link to itself', () => {
    symlinkSync(scratch.path('loop'), scratch.path('loop'));
    expect(refused(scratch.path('loop')).code).toBe('unreadable');
  });

  it('0 bytes', () => {
    expect(refused(scratch.write('nothing.wav', ''))).toMatchObject({
      code: 'empty',
      message: 'The file has 0 bytes',
    });
  });

  it.each([
    ['one byte', 'R'],
    ['text', 'Dear diary, today nothing was recorded.\n'.repeat(100)],
    ['a web page', '<!DOCTYPE html><html><body>404 Not Found</body></html>'],
    ['zeros', Buffer.alloc(10_000)],
    ['a zip', Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), garbage(7)])],
    ['a RIFF that is no WAVE', Buffer.from('RIFF\x10\0\0\0ABCDfmt \0\0\0\0', 'latin1')],
  ])('%s', (name, content) => {
    expect(refused(scratch.write(`${name}.mp3`, content)).code).toBe('unsupported_codec');
  });

  it.each([1, 2, 3, 4, 5])('random bytes %d', (seed) => {
    expect(['unsupported_codec', 'corrupt']).toContain(
      refusal(() => decodeAll(scratch.write('random.wav', garbage(seed)))).code,
    );
  });

  it('an image', () => {
    scratch.ffmpeg('-f', 'lavfi', '-i', 'testsrc=s=64x64', '-frames:v', '1', 'image.png');
    scratch.ffmpeg('-f', 'lavfi', '-i', 'testsrc=s=64x64', '-frames:v', '1', 'image.jpg');
    for (const name of ['image.png', 'image.jpg']) {
      expect(refused(scratch.path(name))).toMatchObject({ code: 'unsupported_codec' });
      expect(refused(scratch.path(name)).message).toMatch(/recognised as/);
    }
  });

  it('a video without sound', () => {
    scratch.ffmpeg('-f', 'lavfi', '-i', 'testsrc=d=1:s=64x64', '-c:v', 'mpeg4', 'silent.mp4');
    expect(refused(scratch.path('silent.mp4'))).toMatchObject({
      code: 'unsupported_codec',
      message: 'The mp4 container has no audio stream',
    });
  });

  it.each([
    ['HLS', `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\ngood.wav\n#EXT-X-ENDLIST\n`],
    ['concat', `ffconcat version 1.0\nfile 'good.wav'\n`],
    ['DASH', '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="x"></MPD>'],
    ['SDP', 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n'],
  ])('a playlist (%s) opens nothing else', (name, text) => {
    expect(refused(scratch.write(`list ${name}`, text)).code).toBe('unsupported_codec');
  });

  it('a URL is a missing file, not a download', () => {
    expect(refused('http://127.0.0.1:9/a.wav').code).toBe('not_found');
    expect(refused('concat:good.wav').code).toBe('not_found');
  });
});

describe('names', () => {
  it('bytes that are not UTF-8', () => {
    const name = Buffer.concat([Buffer.from(scratch.folder), Buffer.from([0x2f, 0xe9, 0xff, 0x2e])]);
    execFileSync('cp', [good, '--', scratch.path('copy')]);
    execFileSync('sh', [
      '-c',
      `mv "$1" "$(printf '%s/\\351\\377.' "$2")"`,
      'sh',
      scratch.path('copy'),
      scratch.folder,
    ]);
    expect(probeAudio(new Uint8Array(name)).sampleRateHz).toBe(8000);
  });

  it.each(['späß 日本語.wav', ' leading', '-dash', 'new\nline', '%d.wav', 'quo\'te".wav', 'a:b,c;d.wav'])(
    '%j',
    (name) => {
      expect(probeAudio(scratch.float(name, 8000, sine)).channels).toBe(1);
    },
  );
});

describe('settings', () => {
  const open = (channels: unknown, sampleRateHz: unknown, path: unknown = good) =>
    refusal(() =>
      openAudio(path as string, {
        channels: channels as 'mix',
        sampleRateHz: sampleRateHz as number,
      }).close(),
    );

  it.each([
    ['left', 0, /'mix', 'split' or an index for channels but received 'left'/],
    [-1, 0, /channels but received -1/],
    [0.5, 0, /channels but received 0.5/],
    [1, 0, /channel below 1.* received 1/],
    [undefined, 0, /for channels/],
    ['mix', -16000, /sampleRateHz but received -16000/],
    ['mix', 999, /from 1000 to 1000000 for sampleRateHz but received 999/],
    ['mix', 1_000_001, /sampleRateHz/],
    ['mix', 16000.5, /sampleRateHz but received 16000.5/],
    ['mix', Number.NaN, /sampleRateHz but received NaN/],
    ['mix', '16000', /sampleRateHz/],
  ])('channels %s at %s', (channels, rate, message) => {
    const found = open(channels, rate);
    expect(found.code).toBe('usage');
    expect(found.message).toMatch(message);
  });

  it.each([
    ['mix', 1000],
    ['mix', 1_000_000],
    ['split', 0],
    [0, 44100],
  ])('channels %s at %s is fine', (channels, rate) => {
    expect(open(channels, rate).code).toBe('none');
  });

  it('paths', () => {
    for (const path of ['', 'a\0b', new Uint8Array(0), 5, null])
      expect(open('mix', 0, path).code).toBe('usage');
  });

  it('maxFrames', () => {
    const decoder = openAudio(good, { channels: 'mix', sampleRateHz: 0 });
    for (const maxFrames of [0, -1, 1.5, Number.NaN, 2 ** 40]) {
      const found = refusal(() => decoder.read(maxFrames));
      expect(found.code).toBe('usage');
      expect(found.message).toContain(`maxFrames but received ${maxFrames}`);
    }
    expect(decoder.read(2 ** 27)?.frames).toBe(8000);
    decoder.close();
  });
});

describe('closing', () => {
  it('twice is fine; use afterwards is a usage error; info stays', () => {
    const decoder = openAudio(good, { channels: 'mix', sampleRateHz: 16000 });
    expect(decoder.read(10)?.frames).toBe(10);
    decoder.close();
    decoder.close();
    expect(refusal(() => decoder.read(10))).toEqual({
      code: 'usage',
      message: 'The decoder is closed',
      subject: good,
    });
    expect(refusal(() => decoder.ending()).code).toBe('usage');
    expect(decoder.info.sampleRateHz).toBe(8000);
  });

  it('reading on after the end gives null again', () => {
    const decoder = openAudio(good, { channels: 'mix', sampleRateHz: 0 });
    expect(decoder.read(8000)?.frames).toBe(8000);
    expect(decoder.read(1)).toBeNull();
    expect(decoder.read(1)).toBeNull();
    expect(decoder.ending()).toEqual({ truncated: false, corruptPackets: 0 });
    decoder.close();
  });

  it('errors are UndertoneErrors with the native one as cause, and blocks can be posted', () => {
    try {
      probeAudio(scratch.path('missing'));
      expect.unreachable();
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(UndertoneError);
      expect((thrown as Error).cause).toBeInstanceOf(Error);
    }
    const decoder = openAudio(good, { channels: 'mix', sampleRateHz: 0 });
    const samples = decoder.read(100)?.samples ?? new Float32Array(0);
    expect(structuredClone(samples, { transfer: [samples.buffer as ArrayBuffer] })).toHaveLength(100);
    decoder.close();
  });
});
