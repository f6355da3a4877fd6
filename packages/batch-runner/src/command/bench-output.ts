/** What becomes of a benchmark's result: terminal, --json, --report, --compare. */
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { UndertoneError } from '@undertone/shared';
import { compare } from '../bench/compare.js';
import { reportFor } from '../bench/report.js';
import type { BenchResult } from '../bench/result.js';
import { asText, comparisonText } from '../bench/text.js';
import { replaceFile } from '../commit/durable.js';
import type { BenchOutput } from '../settings.js';
import { writeTextFile } from '../sink/text-file.js';

/** Before minutes are spent on figures that cannot be kept. @throws UndertoneError usage */
export function checkTargets({ json, report }: BenchOutput): void {
  for (const [flag, path] of Object.entries({ '--json': json, '--report': report })) {
    if (path === undefined) continue;
    const folder = dirname(resolve(path));
    const found = statSync(folder, { throwIfNoEntry: false });
    if (!found?.isDirectory())
      throw new UndertoneError(
        'usage',
        flag,
        `Expected a file in an existing folder for ${flag} but received "${path}"`,
      );
  }
}

/** @param old the result to compare with */
export async function hand(
  result: BenchResult,
  settings: BenchOutput,
  old: BenchResult | null,
): Promise<void> {
  const comparison = old && compare(result, old);
  if (settings.json !== undefined) await writeJson(settings.json, result);
  if (settings.report !== undefined)
    await write(settings.report, reportFor(settings.report, result, comparison));
  process.stdout.write(asText(result));
  if (comparison && settings.compare !== undefined)
    process.stdout.write(`\n${comparisonText(comparison, settings.compare)}`);
}

export const writeJson = (path: string, value: unknown): Promise<void> =>
  write(path, `${JSON.stringify(value, null, 2)}\n`);

async function write(path: string, text: string): Promise<void> {
  const target = resolve(path);
  await replaceFile(dirname(target), basename(target), (temporary) => writeTextFile(temporary, [text]));
}

/** What was typed, as a shell takes it. */
export const commandLine = (): string => ['undertone', ...process.argv.slice(2)].map(quoted).join(' ');

const quoted = (word: string): string =>
  /^[\w./:,@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** One line that overwrites itself; nothing where nobody watches. */
export function showProgress(quiet: boolean, text: string): void {
  if (!quiet && process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
