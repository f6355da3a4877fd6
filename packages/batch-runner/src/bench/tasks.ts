/** From what was asked on the command line to tasks. */
import { FEATURE_SETS, featureSet, probeAudio } from '@undertone/dsp-native';
import { expectation, toErrorData, UndertoneError } from '@undertone/shared';
import type { Task } from './task.js';

/** Where recordings go when the rate to resample to is not given: that of the models. */
const DEFAULT_TO_HZ = 16000;

interface Source {
  readonly seconds: number;
  readonly input: string | null;
}

/** @throws UndertoneError usage for a set that is not registered */
export function featureTasks(names: readonly string[], source: Source): Task[] {
  const wanted = names.includes('all') ? [...FEATURE_SETS.keys()] : [...new Set(names)];
  return wanted.map((name) => ({
    kind: 'features',
    name,
    frontEnd: featureSet(name).frontEnd,
    ...source,
  }));
}

/**
 * @param rates `<from>` or `<from>:<to>`, in Hz
 * @throws UndertoneError usage for a pair out of range or of equal rates
 */
export function resampleTasks(rates: readonly string[], source: Source): Task[] {
  const pairs = new Map<string, Task>();
  for (const text of rates) {
    const [from = NaN, to = DEFAULT_TO_HZ] = text.split(':').map(Number);
    const inRange = (hz: number): boolean => hz >= 1000 && hz <= 1_000_000;
    if (!inRange(from) || !inRange(to) || from === to) {
      const what = 'two different rates from 1000 to 1000000 Hz';
      throw new UndertoneError('usage', '--rates', expectation(what, '--rates', text));
    }
    const name = `${from}:${to}`;
    pairs.set(name, { kind: 'resample', name, fromHz: from, toHz: to, ...source });
  }
  return [...pairs.values()];
}

/**
 * One task for each kind of recording: codec, rate and channels.
 * @param leaveOut is told of each recording that cannot be opened
 * @throws UndertoneError usage when none can
 */
export function decodeTasks(files: readonly string[], leaveOut: (sentence: string) => void): Task[] {
  const kinds = new Map<string, string[]>();
  for (const file of files) {
    try {
      const { codec, sampleRateHz, channels } = probeAudio(file);
      const layout = channels === 1 ? 'mono' : channels === 2 ? 'stereo' : `${channels} channels`;
      const name = `${codec} ${sampleRateHz} Hz ${layout}`;
      kinds.set(name, [...(kinds.get(name) ?? []), file]);
    } catch (thrown) {
      leaveOut(`Left out ${file}: ${toErrorData(thrown, file).message}`);
    }
  }
  if (kinds.size === 0)
    throw new UndertoneError('usage', 'inputs', 'None of the inputs is a recording that can be decoded');
  return [...kinds].map(([name, group]) => ({ kind: 'decode', name, files: group }));
}
