/** Lists of recordings, read as they stream in: a manifest (.csv, .jsonl) or standard input. */
import { createReadStream } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { EMOTIONS, type Emotion, expectation, UndertoneError } from '@undertone/shared';
import { parse } from 'csv-parse';
import type { InputEntry, TakeEntry } from './inputs.js';

/** CSV with a `file` column and an optional `truth`. Paths are relative to the manifest. */
export async function readCsv(path: string, take: TakeEntry): Promise<void> {
  const rows = createReadStream(path).pipe(parse({ columns: true, bom: true, skip_empty_lines: true }));
  let count = 0;
  try {
    for await (const row of rows as AsyncIterable<Record<string, string>>) {
      const place = `"${path}", row ${++count}`;
      if (!row.file) {
        throw new UndertoneError(
          'usage',
          path,
          expectation('a path', `column file of "${path}", row ${count}`, row.file),
        );
      }
      take(listedEntry(row.file, row.truth || undefined, dirname(path), place));
    }
  } catch (thrown) {
    if (thrown instanceof UndertoneError) throw thrown;
    throw new UndertoneError('usage', path, `Manifest "${path}" is not CSV: ${(thrown as Error).message}`);
  }
}

/** Lines: each a path, or a JSON object with `file` and optional `truth`. */
export async function readList(
  bytes: AsyncIterable<Uint8Array>,
  base: string,
  where: string,
  take: TakeEntry,
): Promise<void> {
  let number = 0;
  for await (const line of linesOf(bytes)) {
    number += 1;
    if (line !== '') take(entryOfLine(line, base, where, number));
  }
}

function entryOfLine(line: string, base: string, where: string, number: number): InputEntry {
  if (!line.startsWith('{')) return listedEntry(line, undefined, base, where);
  const place = `${where}, line ${number}`;
  let value: { file?: unknown; truth?: unknown };
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    throw new UndertoneError('usage', where, `Expected JSON in ${place} but received ${line.slice(0, 80)}`);
  }
  if (typeof value.file !== 'string') {
    throw new UndertoneError('usage', where, expectation('a path', `file in ${place}`, value.file));
  }
  return listedEntry(value.file, value.truth ?? undefined, base, place);
}

/** Lines without their ends, `\n` or `\r\n`. */
async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  const text = (line: Buffer): string => line.toString('utf8').replace(/\r$/, '');
  for await (const chunk of bytes) {
    const buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : Buffer.from(chunk);
    let start = 0;
    for (let end = buffer.indexOf(10); end >= 0; end = buffer.indexOf(10, start)) {
      yield text(buffer.subarray(start, end));
      start = end + 1;
    }
    rest = buffer.subarray(start);
  }
  if (rest.length > 0) yield text(rest);
}

function listedEntry(file: string, truth: unknown, base: string, place: string): InputEntry {
  const path = resolve(base, file);
  const root = path.startsWith(base === sep ? sep : base + sep) ? base : dirname(path);
  if (truth === undefined) return { path, root };
  if (!EMOTIONS.includes(truth as Emotion)) {
    throw new UndertoneError(
      'usage',
      'truth',
      expectation(`one of ${EMOTIONS.join(', ')}`, `truth in ${place}`, truth),
    );
  }
  return { path, root, truth: truth as Emotion };
}
