/** Lists of recordings: CSV with a `file` column, JSON lines, or a path a line. Read as a stream, however long. */

import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import {
  expectation,
  holdsEscapes,
  isSystemError,
  shownName,
  systemPath,
  UndertoneError,
} from '@undertone/shared';
import { parse } from 'csv-parse';
import type { ShownEntry, TakeEntry } from './entry.js';
import { GIVEN_COLUMNS, type GivenCells, givenLabels } from './given-labels.js';
import { statOrNull, systemReason } from './system-call.js';
import { textLines, unmarked } from './text-lines.js';

/** @param path in the shown form. Paths in it are relative to its folder. @throws UndertoneError usage */
export async function readManifest(path: string, take: TakeEntry): Promise<void> {
  const stream = createReadStream(systemPath(path));
  try {
    if (/\.jsonl$/i.test(path)) await readList(stream, dirname(path), `"${path}"`, take);
    else await readCsv(stream, path, take);
  } catch (thrown) {
    if (thrown instanceof UndertoneError) throw thrown;
    const what = `Manifest "${path}" cannot be read: ${systemReason(thrown)}`;
    throw new UndertoneError('usage', path, what);
  }
}

type CsvRow = Record<string, string>;

async function readCsv(stream: AsyncIterable<Uint8Array>, path: string, take: TakeEntry): Promise<void> {
  const where = `"${path}"`;
  const columns = (header: string[]): string[] => {
    if (header.includes('file')) return header;
    throw new UndertoneError(
      'usage',
      path,
      expectation('a column file', `the header of ${where}`, header.join()),
    );
  };
  // Latin1: CSV's own signs are ASCII, and whatever else a cell holds comes through byte by byte.
  const parser = parse({
    columns,
    skip_empty_lines: true,
    encoding: 'latin1',
    record_delimiter: ['\r\n', '\n'],
  });
  // Its iterator tells the error.
  pipeline(Readable.from(unmarked(stream, where)), parser, () => undefined);
  let row = 0;
  try {
    for await (const record of parser as AsyncIterable<CsvRow>) {
      row += 1;
      const place = `${where}, row ${row}`;
      if (!record.file)
        throw new UndertoneError(
          'usage',
          path,
          expectation('a path', `column file of ${place}`, record.file),
        );
      const text = (cell?: string): string | undefined =>
        cell ? Buffer.from(cell, 'latin1').toString('utf8') : undefined;
      const given = Object.fromEntries(GIVEN_COLUMNS.map((name) => [name, text(record[name])]));
      take(manifestEntry(Buffer.from(record.file, 'latin1'), given, dirname(path), place));
    }
  } catch (thrown) {
    if (thrown instanceof UndertoneError || isSystemError(thrown)) throw thrown;
    throw new UndertoneError('usage', path, `Manifest ${where} is not CSV: ${(thrown as Error).message}`);
  }
}

/** Lines: each a path, or a JSON object with `file` and any of GIVEN_COLUMNS. @param base what paths are relative to */
export async function readList(
  stream: AsyncIterable<Uint8Array>,
  base: string,
  where: string,
  take: TakeEntry,
): Promise<void> {
  for await (const { line, number } of textLines(stream, where)) {
    const place = `${where}, line ${number}`;
    if (line[0] !== 0x7b) take(manifestEntry(line, {}, base, place));
    else {
      const { file, ...given } = parseLine(line, place);
      take(manifestEntry(file, given, base, place));
    }
  }
}

function parseLine(line: Buffer, place: string): GivenCells & { file: string } {
  const text = line.toString('utf8');
  let value: GivenCells & { file?: unknown };
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    const hint = '(a path that begins with { is written with ./ in front)';
    throw new UndertoneError(
      'usage',
      place,
      `Expected JSON in ${place} but received ${text.slice(0, 80)} ${hint}`,
    );
  }
  const { file, ...given } = value;
  if (typeof file !== 'string' || file === '') {
    throw new UndertoneError('usage', place, expectation('a path', `file in ${place}`, file));
  }
  return { file, ...given };
}

function manifestEntry(file: Buffer | string, given: GivenCells, base: string, place: string): ShownEntry {
  const path = namedPath(file, base);
  const root = path.startsWith(base === '/' ? '/' : `${base}/`) ? base : dirname(path);
  return { path, root, given: givenLabels(given, place) };
}

/**
 * A path as a person, a program or an earlier table wrote it. Text with `\xNN` in it is that very name when there is such
 * a file, and else the form that the tables show.
 * @returns absolute, in the shown form
 */
export function namedPath(text: Buffer | string, base: string): string {
  const literal = resolve(base, shownName(text));
  const mayBeShown = holdsEscapes(text.toString()) && (typeof text === 'string' || isUtf8(text));
  return mayBeShown && !statOrNull(literal) ? resolve(base, text.toString()) : literal;
}
