/** `undertone label`: names of recordings in, labels.csv out. */
import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { expectation, type Row, shownName, UndertoneError } from '@undertone/shared';
import type { Command } from 'commander';
import { judged, type LabelRules, labelRules, labelsTable, refusedTable } from '../dataset/labels.js';
import { writeCsv } from '../dataset/write-csv.js';
import { collectInputs } from '../manifest/inputs.js';
import { type CompactManifest, ManifestBuilder } from '../manifest/manifest.js';
import { type LabelSettings, labelSettings } from '../settings.js';
import { EXIT } from './exit-codes.js';
import { addFlags, parseFlags } from './flags.js';

/** Reasons that standard error names; the CSV names every file. */
const SHOWN_REASONS = 20;

export function addLabel(program: Command): void {
  const command = program
    .command('label')
    .summary('labels of a corpus by its file names: labels.csv, which the other commands take as their input')
    .description(
      'Reads corpus, speaker, gender, emotion, intensity, statement and repetition from the file names of RAVDESS, CREMA-D,\n' +
        'TESS, SAVEE and Emo-DB. Only names are looked at: a list of them needs no files. docs/labels.md.',
    )
    .argument('<inputs...>', 'folders, files, globs, lists of recordings, or - for names on standard input');
  addFlags(command, labelSettings).action(async (inputs: string[], texts: Record<string, unknown>) => {
    process.exitCode = await label(inputs, parseFlags(labelSettings, texts));
  });
}

async function label(inputs: readonly string[], settings: LabelSettings): Promise<number> {
  const target = resolve(settings.out);
  if (!statSync(dirname(target), { throwIfNoEntry: false })?.isDirectory())
    throw new UndertoneError(
      'usage',
      '--out',
      expectation('a file in an existing folder', '--out', settings.out),
    );
  const builder = new ManifestBuilder();
  const { passedOver } = await collectInputs(
    inputs,
    () => process.stdin,
    (entry) => builder.add(entry),
  );
  const manifest = builder.build();
  const tally = new Tally(passedOver, target);
  const rules = labelRules(settings.corpus, shownName(Buffer.from(dirname(target))));
  await writeCsv(target, labelsTable(false), labelled(manifest, rules, tally));
  await writeCsv(tally.refusedPath, refusedTable, refused(manifest, rules, tally));
  if (!settings.quiet) process.stderr.write(`${tally.lines().join('\n')}\n`);
  return tally.exitCode(settings.maxErrorShare);
}

function* labelled(manifest: CompactManifest, rules: LabelRules, tally: Tally): Generator<Row> {
  for (const { row } of judged(manifest, rules)) {
    if (!row) continue;
    tally.count(String(row.corpus ?? 'no corpus'));
    yield row;
  }
}

function* refused(manifest: CompactManifest, rules: LabelRules, tally: Tally): Generator<Row> {
  for (const { file, reason } of judged(manifest, rules)) {
    if (reason === null) continue;
    tally.refuse(reason, file);
    yield { file, reason };
  }
}

/** What standard error says at the end. */
class Tally {
  #labelled = 0;
  #refused = 0;
  readonly #corpora = new Map<string, number>();
  readonly #reasons = new Map<string, { count: number; readonly example: string }>();
  readonly refusedPath: string;

  constructor(
    readonly passedOver: number,
    readonly target: string,
  ) {
    this.refusedPath = join(dirname(target), `${basename(target, '.csv')}.refused.csv`);
  }

  count(corpus: string): void {
    this.#labelled += 1;
    this.#corpora.set(corpus, (this.#corpora.get(corpus) ?? 0) + 1);
  }

  refuse(reason: string, file: string): void {
    this.#refused += 1;
    const { count, example } = this.#reasons.get(reason) ?? { count: 0, example: file };
    this.#reasons.set(reason, { count: count + 1, example });
  }

  lines(): string[] {
    const corpora = [...this.#corpora].map(([corpus, count]) => `${count} ${corpus}`).join(', ');
    const reasons = [...this.#reasons].sort(([, a], [, b]) => b.count - a.count);
    const more = reasons.length - SHOWN_REASONS;
    return [
      `${this.#labelled} recordings labelled${corpora && `: ${corpora}`}`,
      ...(this.passedOver > 0
        ? [`${this.passedOver} files passed over: their names are not those of recordings`]
        : []),
      ...(this.#refused > 0
        ? [`${this.#refused} refused, each with its reason in ${this.refusedPath}:`]
        : []),
      ...reasons
        .slice(0, SHOWN_REASONS)
        .map(([reason, { count, example }]) => `  ${count} × ${reason}, e.g. ${example}`),
      ...(more > 0 ? [`  and ${more} other reasons`] : []),
    ];
  }

  exitCode(allowed: number): number {
    const all = this.#labelled + this.#refused;
    if (this.#refused <= allowed * all) return EXIT.done;
    process.stderr.write(
      `${this.#refused} of ${all} recordings refused, more than --max-error-share ${allowed} allows\n`,
    );
    return EXIT.tooManyErrors;
  }
}
