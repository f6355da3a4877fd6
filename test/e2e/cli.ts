/** Runs the command line as a person would, and reads what it wrote. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { execa, type ResultPromise } from 'execa';

export const cliPath = fileURLToPath(
  new URL('../../packages/batch-runner/bin/undertone.js', import.meta.url),
);

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function undertone(
  args: readonly string[],
  input: string | Uint8Array = '',
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await execa('node', [cliPath, ...args], { reject: false, input, env });
  return { code: exitCode ?? -1, stdout, stderr };
}

/** Without waiting for its end. */
export function start(
  args: readonly string[],
  options: { readonly detached?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
): ResultPromise<{ reject: false }> {
  return execa('node', [cliPath, ...args], { reject: false, ...options });
}

export type TableRow = Record<string, string>;

export function readTable(...path: string[]): TableRow[] {
  return parse(readFileSync(join(...path)), { columns: true });
}

export const readBytes = (...path: string[]): string => readFileSync(join(...path), 'utf8');
