/** `undertone label`: names of recordings in, labels.csv out. */
import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { expectation, type Row, shownName, UndertoneError } from '@undertone/shared';
import type { Command } from 'commander';
import { type Judged, judged, labelRules, labelsTable, refusedTable } from '../dataset/labels.js';
import { listen } from '../dataset/sounds.js';
import { writeCsv } from '../dataset/write-csv.js';
import { collectInputs } from '../manifest/inputs.js';
import { ManifestBuilder } from '../manifest/manifest.js';
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
        'TESS, SAVEE and Emo-DB. Names are all it needs: a list of them will do. docs/labels.md.',
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
  const sounds = settings.duplicates
    ? await listen(manifest, withLabel(judged(manifest, rules)), settings.workers)
    : null;
  const all = (): Iterable<Judged> => judged(manifest, rules, sounds);
  await writeCsv(target, labelsTable(settings.duplicates), labelled(all(), tally));
  await writeCsv(tally.refusedPath, refusedTable, refused(all(), tally));
  if (!settings.quiet) process.stderr.write(`${tally.lines().join('\n')}\n`);
  return tally.exitCode(settings.maxErrorShare);
}

function* withLabel(all: Iterable<Judged>): Generator<number> {
  for (const { row, index } of all) if (row) yield index;
}

function* labelled(all: Iterable<Judged>, tally: Tally): Generator<Row> {
  for (const { row } of all) {
    if (!row) continue;
    tally.count(String(row.corpus ?? 'no corpus'), row.duplicate_of !== null);
    yield row;
  }
}

function* refused(all: Iterable<Judged>, tally: Tally): Generator<Row> {
  for (const { file, reason } of all) {
    if (reason === null) continue;
    tally.refuse(reason, file);
    yield { file, reason };
  }
}

/** What standard error says at the end. */
class Tally {
  #labelled = 0;
  #refused = 0;
  #duplicates = 0;
  readonly #corpora = new Map<string, number>();
  readonly #reasons = new Map<string, { count: number; readonly example: string }>();
  readonly refusedPath: string;

  constructor(
    readonly passedOver: number,
    readonly target: string,
  ) {
    this.refusedPath = join(dirname(target), `${basename(target, '.csv')}.refused.csv`);
  }

  count(corpus: string, isDuplicate: boolean): void {
    this.#labelled += 1;
    this.#duplicates += isDuplicate ? 1 : 0;
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
      ...(this.#duplicates > 0 ? [`${this.#duplicates} hold the same sound as another`] : []),
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
