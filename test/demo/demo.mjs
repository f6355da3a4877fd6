// `npm run demo`: set-up, a small folder of recordings, one run over it, and what came out.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { newLog, root, runLogged, runMain, SetupError, step } from '../../.ci/base.mjs';
import { setup } from '../../.ci/setup.mjs';
import { brokenSampleFiles, makeSamples } from '../fixtures/make-samples.mjs';

const recordings = 'demo/recordings';
const tables = 'demo/tables';
// One sample in twelve is broken on purpose: it must become a row, not an end.
const command = [
  'packages/batch-runner/bin/undertone.js',
  'run',
  recordings,
  '--out',
  tables,
  '--max-error-share',
  '0.2',
];

/** @param {string} file @returns {Record<string, string>[]} */
function readTable(file) {
  // From the test package: this script must load before anything is installed.
  const { parse } = createRequire(path.join(root, 'test/package.json'))('csv-parse/sync');
  return parse(fs.readFileSync(path.join(root, file)), { columns: true, bom: true });
}

/** Prints some columns of the first rows, aligned. @param {string} file @param {string[]} columns @param {number} count */
function show(file, columns, count) {
  const rows = readTable(file);
  const missing = columns.filter((column) => rows[0]?.[column] === undefined);
  if (missing.length > 0)
    throw new SetupError(
      `${file} has ${rows.length === 0 ? 'no rows' : `no column ${missing.join(', ')}`}: the run did not do its work.`,
    );
  const lines = [columns, ...rows.slice(0, count).map((row) => columns.map((column) => row[column] || '·'))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => [...line[i]].length)));
  const more = rows.length > count ? `, the first ${count} of ${rows.length} rows` : `, ${rows.length} rows`;
  console.log(`\n${file}${more} (${columns.length} of ${Object.keys(rows[0]).length} columns)\n`);
  for (const line of lines) {
    console.log(
      `  ${line.map((cell, i) => cell + ' '.repeat(widths[i] - [...cell].length)).join('  ')}`.trimEnd(),
    );
  }
}

async function main() {
  await setup();
  await step('recordings', async (say) => {
    const { made, files } = await makeSamples(path.join(root, recordings));
    say(`${files.length} files in ${recordings}${made ? '' : ', unchanged'}`);
  });
  await step('undertone run', async (say) => {
    // These tables are the demo's own: it starts afresh each time, where a real run would go on.
    fs.rmSync(path.join(root, tables), { recursive: true, force: true });
    say(`${recordings} → ${tables}`);
    const log = newLog('demo');
    const { ok } = await runLogged(process.execPath, command, { log });
    if (!ok) throw new SetupError(`The run failed: node ${command.join(' ')}`, log);
  });
  show(
    `${tables}/files.csv`,
    ['file', 'channel', 'status', 'label', 'confidence', 'duration_s', 'error_code'],
    14,
  );
  show(`${tables}/segments.csv`, ['file', 'channel', 'start_s', 'end_s', 'label', 'confidence', 'flags'], 8);
  console.log(`
The tables: ${path.join(root, tables)}
The run:    node ${command.join(' ')}

These voices are synthetic and feel nothing, so the labels show the road and not the accuracy;
${brokenSampleFiles.join(', ')} is broken on purpose and has a row that says so.`);
}

await runMain(main);
