/** Telephone calls: who speaks on which channel, channels that are one, channels that are silent, narrow bands. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resample } from '@undertone/dsp-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSamples } from '../fixtures/make-samples.mjs';
import { white } from '../fixtures/sounds.ts';
import { babble, stereo16, wav16 } from '../fixtures/wav.ts';
import { readBytes, readTable, type TableRow, undertone } from './cli.ts';

const work = mkdtempSync(join(tmpdir(), 'undertone-telephony-'));
const samples = join(work, 'samples');
const calls = join(work, 'calls');
const rate = 8000;
const seconds = 7;
const agent = babble(seconds, rate, 1);
const customer = babble(seconds, rate, 2);
const noise = (amplitude: number): Float32Array => white(seconds, rate, amplitude);
const sum = (a: Float32Array, gain: number, b: Float32Array): Float32Array =>
  a.map((x, i) => gain * x + (b[i] ?? 0));

afterAll(() => rmSync(work, { recursive: true }));
beforeAll(async () => {
  await makeSamples(samples);
  mkdirSync(calls);
  const put = (name: string, left: Float32Array, right: Float32Array): void =>
    writeFileSync(join(calls, name), stereo16(left, right, rate));
  put('two-people-inbound.wav', agent, customer);
  put('two-people-outbound.wav', customer, agent);
  put('same-inbound.wav', agent, agent);
  put('quieter-and-coded-inbound.wav', agent, sum(agent, 0.4, noise(0.002)));
  put('crosstalk-inbound.wav', agent, sum(agent, 0.02, noise(0.0005)));
  put('silent-inbound.wav', agent, new Float32Array(agent.length));
});

let runs = 0;
async function tables(
  inputs: string[],
  ...flags: string[]
): Promise<{ segments: TableRow[]; files: TableRow[]; run: Record<string, TableRow> }> {
  const out = join(work, `out-${runs++}`);
  const { code, stderr } = await undertone(['run', ...inputs, '--out', out, '--quiet', ...flags]);
  expect(code, stderr).toBe(0);
  return {
    segments: readTable(out, 'segments.csv'),
    files: readTable(out, 'files.csv'),
    run: JSON.parse(readBytes(out, 'run.json')),
  };
}

const of = (rows: TableRow[], stem: string, channel: string): TableRow[] =>
  rows.filter((row) => row.file?.includes(stem) && row.channel === channel);

describe('two channels', () => {
  let split: Awaited<ReturnType<typeof tables>>;
  beforeAll(async () => {
    split = await tables([calls], '--channels', 'split');
  });

  it.each(['two-people', 'crosstalk'])('%s: both are labelled, neither is a copy', (stem) => {
    for (const channel of ['0', '1']) {
      const rows = of(split.segments, stem, channel);
      expect(rows).toHaveLength(of(split.segments, stem, '0').length);
      for (const row of rows) expect(row.flags).not.toContain('dual_mono');
    }
  });

  it.each(['same', 'quieter-and-coded'])('%s: dual mono is labelled once and says so', (stem) => {
    const first = of(split.segments, stem, '0');
    expect(first.length).toBeGreaterThan(2);
    for (const row of first) expect(row.flags).toContain('dual_mono');
    expect(of(split.segments, stem, '1')).toEqual([]);
    expect(of(split.files, stem, '0')[0]).toMatchObject({ status: 'ok' });
    expect(of(split.files, stem, '1')[0]).toMatchObject({
      status: 'dual_mono',
      label: '',
      segments: '0',
      error_code: '',
    });
  });

  it('a silent one has its rows, without the model', () => {
    const rows = of(split.segments, 'silent', '1');
    expect(rows).toHaveLength(of(split.segments, 'silent', '0').length);
    for (const row of rows) expect(row).toMatchObject({ label: 'no_speech', top_label: '', level_dbfs: '' });
    expect(of(split.files, 'silent', '1')[0]).toMatchObject({ status: 'no_speech', speech_s: '0.000' });
    expect(of(split.files, 'silent', '0')[0]).toMatchObject({ status: 'ok' });
  });

  it('count as the same seconds of audio', () => {
    expect(Number(split.run.totals?.audioSeconds)).toBeCloseTo(6 * seconds, 3);
  });

  it('one of them alone is labelled even if it is a copy', async () => {
    const { files } = await tables([join(calls, 'same-inbound.wav')], '--channels', '1');
    expect(files).toMatchObject([{ channel: '1', status: 'ok' }]);
  });
});

describe('roles', () => {
  const roleOf = (rows: TableRow[], stem: string): (string | undefined)[] =>
    rows.filter((row) => row.file?.includes(stem)).map((row) => row.role);
  const byChannel = ['--channels', 'split', '--roles', '0=customer,1=agent'];

  it('by channel, in every row', async () => {
    const { files, segments } = await tables([calls], ...byChannel);
    for (const row of [...files, ...segments]) {
      expect(row.role).toBe(row.channel === '0' ? 'customer' : 'agent');
    }
  });

  it('by channel and direction: outbound calls have the sides swapped', async () => {
    const { files } = await tables([calls], ...byChannel, '--role-pattern', '(?<direction>inbound|outbound)');
    expect(roleOf(files, 'two-people-inbound')).toEqual(['customer', 'agent']);
    expect(roleOf(files, 'two-people-outbound')).toEqual(['agent', 'customer']);
  });

  it('by file name, for legs that are files of their own', async () => {
    const legs = join(work, 'legs');
    mkdirSync(legs);
    for (const leg of ['agent', 'customer', 'music'])
      writeFileSync(join(legs, `17-${leg}.wav`), wav16(agent, rate));
    const { files } = await tables([legs], '--role-pattern', '-(?<role>agent|customer)\\.');
    expect(files.map((row) => row.role)).toEqual(['agent', 'customer', '']);
  });

  it('by manifest, which goes before the flags', async () => {
    const list = join(calls, 'list.csv');
    writeFileSync(
      list,
      'file,role\ntwo-people-inbound.wav,0=Anna;1=Bob\nsame-inbound.wav,\nsilent-inbound.wav,caller\n',
    );
    const { files } = await tables([list], ...byChannel);
    expect(roleOf(files, 'two-people')).toEqual(['Anna', 'Bob']);
    expect(roleOf(files, 'same')).toEqual(['customer', 'agent']);
    expect(roleOf(files, 'silent')).toEqual(['caller', 'caller']);
    rmSync(list);
  });

  it('of a recording with one channel are nobody’s by channel', async () => {
    const { files } = await tables([join(samples, 'calls/voicemail, gsm.wav')], ...byChannel);
    expect(files.map((row) => row.role)).toEqual(['']);
  });

  const bad: [flags: string[], message: string][] = [
    [['--roles', 'agent'], 'Expected roles of the form <channel>=<role> for --roles'],
    [
      ['--roles', '0=agent'],
      'Expected split or a channel, which --roles needs, for --channels but received "mix" of type string',
    ],
    [
      ['--role-pattern', '('],
      'Expected a regular expression for --role-pattern but received "(" of type string',
    ],
    [
      ['--role-pattern', 'agent'],
      'Expected a group (?<role>…) or (?<direction>…) for --role-pattern but received "agent" of type string',
    ],
  ];
  it.each(bad)('%o is refused', async (flags, message) => {
    const { code, stderr } = await undertone(['run', calls, '--out', join(work, 'bad'), ...flags]);
    expect(code).toBe(64);
    expect(stderr).toContain(message);
  });

  it('of a manifest are refused when they are none', async () => {
    const list = join(work, 'bad.jsonl');
    writeFileSync(list, '{"file": "calls/same-inbound.wav", "role": "0=a;1="}\n');
    const { code, stderr } = await undertone(['run', list, '--out', join(work, 'bad')]);
    expect(code).toBe(64);
    expect(stderr).toContain('Expected a role, or roles by channel such as 0=agent;1=customer, for role in');
  });
});

describe('narrow bands', () => {
  it('are flagged by the rate, and by the sound of what was resampled', async () => {
    const folder = join(work, 'bands');
    mkdirSync(folder);
    const upsampled = new Float32Array(2 * agent.length);
    resample(agent, rate, 2 * rate, upsampled);
    writeFileSync(join(folder, 'a-8k.wav'), wav16(agent, rate));
    writeFileSync(join(folder, 'b-upsampled.wav'), wav16(upsampled, 2 * rate));
    writeFileSync(join(folder, 'c-wide.wav'), wav16(babble(seconds, 2 * rate, 1), 2 * rate));
    const { segments } = await tables([folder]);
    for (const row of segments) {
      expect(row.flags?.includes('narrowband'), `${row.file} ${row.start_s}`).toBe(
        !row.file?.includes('wide'),
      );
    }
  });
});
