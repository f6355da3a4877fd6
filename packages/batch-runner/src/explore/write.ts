/** The files of an exploration: each whole or not there, the same bytes for the same recordings. */
import { join } from 'node:path';
import { asOutputTrouble, type Row } from '@undertone/shared';
import { makeFolder, replaceFile } from '../commit/durable.js';
import { writeCsv } from '../dataset/write-csv.js';
import type { Table } from '../sink/table.js';
import { writeTextFile } from '../sink/text-file.js';
import { VERSION } from '../version.js';
import type { Facts } from './facts.js';
import type { Overview } from './overview.js';
import { explorationPage } from './page.js';
import {
  crossRows,
  crossTable,
  groupRows,
  groupsTable,
  histogramRows,
  histogramsTable,
  recordingRows,
  recordingsTable,
} from './tables.js';

/**
 * @param inputs as on the command line
 * @throws UndertoneError output_unwritable
 */
export async function writeExploration(
  out: string,
  overview: Overview,
  facts: Facts,
  inputs: readonly string[],
): Promise<void> {
  const json = { schema: 'undertone-explore/1', undertone: VERSION, inputs, ...overview };
  const tables: readonly [name: string, table: Table, rows: Iterable<Row>][] = [
    ['recordings.csv', recordingsTable, recordingRows(facts, false)],
    ['broken.csv', recordingsTable, recordingRows(facts, true)],
    ['groups.csv', groupsTable, groupRows(overview)],
    ['corpus_gender_emotion.csv', crossTable, crossRows(overview)],
    ['histograms.csv', histogramsTable, histogramRows(overview)],
  ];
  const texts: readonly [name: string, text: string][] = [
    ['explore.json', `${JSON.stringify(json, null, 2)}\n`],
    ['report.html', explorationPage(overview, facts, inputs)],
  ];
  try {
    makeFolder(out);
    for (const [name, table, rows] of tables) await writeCsv(join(out, name), table, rows);
    for (const [name, text] of texts)
      await replaceFile(out, name, (temporary) => writeTextFile(temporary, [text]));
  } catch (thrown) {
    throw asOutputTrouble(thrown, out);
  }
}
