/** What verify and merge read of run.json. */
import { existsSync, readFileSync } from 'node:fs';
import { UndertoneError } from '@undertone/shared';
import { type FingerprintParts, fingerprintOf } from '../shard/fingerprint.js';
import { runFile } from './layout.js';
import type { MergeSpec, Totals } from './merge.js';

export interface RunFile {
  readonly schema: string;
  readonly command: string;
  readonly state: 'running' | 'interrupted' | 'complete';
  readonly fingerprint: string;
  readonly fingerprintParts: FingerprintParts;
  readonly root: string;
  readonly merge: MergeSpec;
  readonly totals: (Totals & { readonly wallSeconds: number }) | null;
}

/** @throws UndertoneError usage when there is no run; corrupt_output when run.json is not one */
export function readRunFile(out: string): RunFile {
  const path = runFile(out);
  if (!existsSync(path))
    throw new UndertoneError('usage', out, `"${out}" holds no run: there is no run.json in it`);
  let run: Partial<RunFile> | null = null;
  try {
    run = JSON.parse(readFileSync(path, 'utf8')) as Partial<RunFile> | null;
  } catch {
    // Torn, or something else: the one message below.
  }
  if (!run?.merge || !run.fingerprintParts || fingerprintOf(run.fingerprintParts) !== run.fingerprint) {
    throw new UndertoneError(
      'corrupt_output',
      path,
      `"${path}" is damaged or not a run record: give the command of the run again, which writes it anew`,
    );
  }
  return run as RunFile;
}
