/** `undertone explore`: labelled recordings in, what the data set is in tables and pictures out. */
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Facts, factsOf } from '../explore/facts.js';
import { overviewOf } from '../explore/overview.js';
import { lengthText } from '../explore/page.js';
import { writeExploration } from '../explore/write.js';
import { collectInputs } from '../manifest/inputs.js';
import { type CompactManifest, ManifestBuilder } from '../manifest/manifest.js';
import { type ExploreSettings, exploreSettings } from '../settings.js';
import { addFlags, parseFlags } from './flags.js';
import { endOnSignal } from './interrupt.js';
import { outcome } from './outcome.js';

export function addExplore(program: Command): void {
  const command = program
    .command('explore')
    .summary(
      'a data set at a glance: counts, hours, durations and levels by corpus, speaker, gender and class',
    )
    .description(
      'Decodes every recording and writes CSV, JSON and report.html, a page with pictures. Corpus, speaker, gender and class\n' +
        'are what labels.csv or another list says, or file names. docs/labels.md.',
    )
    .argument(
      '<inputs...>',
      'labels.csv or another list, folders, files, globs, or - for a list on standard input',
    );
  addFlags(command, exploreSettings).action(async (inputs: string[], texts: Record<string, unknown>) => {
    process.exitCode = await explore(inputs, parseFlags(exploreSettings, texts));
  });
}

async function explore(inputs: readonly string[], settings: ExploreSettings): Promise<number> {
  const forget = endOnSignal(() => undefined);
  const builder = new ManifestBuilder();
  await collectInputs(
    inputs,
    () => process.stdin,
    (entry) => builder.add(entry),
  );
  const facts = await measured(builder.build(), settings);
  const overview = overviewOf(facts);
  await writeExploration(resolve(settings.out), overview, facts, inputs);
  forget();
  const { recordings, broken, seconds } = overview.all;
  if (!settings.quiet) {
    const length = `${recordings} recordings, ${lengthText(seconds)} of audio`;
    const page = join(settings.out, 'report.html');
    process.stderr.write(`${length}, ${broken} could not be decoded; ${page}\n`);
  }
  return outcome({ errors: broken, records: recordings }, settings.maxErrorShare, 'broken.csv');
}

/** A line on a terminal says how far it is; elsewhere one every ten seconds. */
async function measured(manifest: CompactManifest, { workers, quiet }: ExploreSettings): Promise<Facts> {
  const { isTTY } = process.stderr;
  let next = Date.now() + (isTTY ? 200 : 10_000);
  const facts = await factsOf(manifest, workers, (done) => {
    if (quiet || Date.now() < next) return;
    next = Date.now() + (isTTY ? 200 : 10_000);
    process.stderr.write(`${isTTY ? '\r' : ''}${done} of ${manifest.count} recordings${isTTY ? '' : '\n'}`);
  });
  if (isTTY && !quiet) process.stderr.write('\r\u001b[K');
  return facts;
}
