/** `undertone eval`: a model labels recordings whose truth is known, and is judged by them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { asOutputTrouble, expectation, UndertoneError } from '@undertone/shared';
import type { Command } from 'commander';
import { makeFolder, replaceFile } from '../commit/durable.js';
import { openFinishedRun } from '../commit/finished-run.js';
import { FoldRule, type FoldsFile, readFolds } from '../evaluate/folds.js';
import { type Assignment, type Collected, collectJudged } from '../evaluate/judged.js';
import { type JudgedClasses, judgedClasses } from '../evaluate/judged-classes.js';
import { type Judge, judgesOf } from '../evaluate/judges.js';
import { type LabelledFile, readLabels } from '../evaluate/labels.js';
import { type Metrics, metricsOf } from '../evaluate/metrics.js';
import { evaluationPage } from '../evaluate/page.js';
import { evaluationTables } from '../evaluate/tables.js';
import { asText } from '../evaluate/text.js';
import { PartQuery } from '../read/part-query.js';
import { type EvalSettings, evalSettings, runSettings } from '../settings.js';
import { writeTextFile } from '../sink/text-file.js';
import { supervise } from '../supervisor/supervise.js';
import { VERSION } from '../version.js';
import { addFlags, parseFlags } from './flags.js';
import { outcome } from './outcome.js';

export function addEval(program: Command): void {
  const command = program
    .command('eval')
    .summary('judge a model by labelled recordings: accuracy, UAR, intervals, calibration, tables and a page')
    .description(
      'Labels the recordings of a list as `undertone run` does, joins them with their truths and writes metrics.json, CSV\n' +
        'tables and report.html. With --folds each recording is judged by the model that never heard it. What was\n' +
        'interrupted goes on when the same command is given again. docs/evaluation.md says what each figure is.',
    );
  addFlags(command, evalSettings).action(async (texts: Record<string, unknown>) => {
    process.exitCode = await evaluate(parseFlags(evalSettings, texts));
  });
}

async function evaluate(settings: EvalSettings): Promise<number> {
  checkJudges(settings);
  const labels = await readLabels(settings.labels);
  const folds = settings.folds === undefined ? null : readFolds(settings.folds);
  const judges = await judgesOf(settings.model ?? [], folds);
  const classes = judgedClasses(judges[0].cards[0].classes, settings.merge);
  const { assignments, leftOut, unused } = assign(labels, judges, classes, folds);
  warn(unused);
  const collected: Collected = { judged: [], leftOut };
  const counts = { records: 0, errors: 0 };
  for (const assignment of assignments) {
    if (assignment.recordings.length === 0) continue;
    const run = await label(assignment, settings);
    counts.records += run.records;
    counts.errors += run.errors;
    const found = await collect(assignment, classes, settings.out);
    // One by one: a call takes no more than some 100,000 arguments.
    for (const one of found.judged) collected.judged.push(one);
    for (const one of found.leftOut) collected.leftOut.push(one);
  }
  refuseNothing(collected, settings.labels);
  const { draws, seed } = settings;
  const judging = {
    program: VERSION,
    folds,
    judges,
    classes,
    bootstrap: { draws, seed },
    labelled: labels.length,
  };
  const metrics = metricsOf(judging, collected);
  await write(settings.out, metrics, collected);
  process.stdout.write(asText(metrics));
  if (!settings.quiet)
    process.stderr.write(`Evaluation in ${settings.out}: metrics.json, tables and report.html\n`);
  return outcome(counts, settings.maxErrorShare, 'metrics.json');
}

function checkJudges({ model, folds }: EvalSettings): void {
  if ((model === undefined) !== (folds === undefined)) return;
  const given = model && [...model, folds].join(' ');
  throw new UndertoneError('usage', '--model', expectation('one of them', '--model and --folds', given));
}

interface Assigned {
  readonly assignments: Assignment[];
  readonly leftOut: Collected['leftOut'];
  /** What the folds name and no recording has. */
  readonly unused: readonly string[];
}

function assign(
  labels: readonly LabelledFile[],
  judges: readonly Judge[],
  classes: JudgedClasses,
  folds: FoldsFile | null,
): Assigned {
  const rule = folds && new FoldRule(folds.folds);
  const assignments = judges.map((judge) => ({
    judge,
    recordings: [] as Assignment['recordings'][number][],
  }));
  const leftOut: Collected['leftOut'] = [];
  for (const one of labels) {
    const fold = rule ? rule.foldOf(one) : 0;
    const assignment = fold === null ? undefined : assignments[fold];
    const truth = assignment ? classes.truthOf(one, assignment.judge.cards[0]) : 'no_fold';
    if (typeof truth === 'number') assignment?.recordings.push({ label: one, truth });
    else leftOut.push({ label: one, why: truth, message: '' });
  }
  return { assignments, leftOut, unused: rule?.unused() ?? [] };
}

/** Unheard names are likely to be misspelt, but labels of a part of the corpora are no mistake. */
function warn(unused: readonly string[]): void {
  if (unused.length === 0) return;
  const more = unused.length > 3 ? ` and ${unused.length - 3} more` : '';
  process.stderr.write(
    `The labels have nothing of what the folds name: ${unused.slice(0, 3).join(', ')}${more}\n`,
  );
}

/** Each model's run has a folder of its own, in which it goes on. */
const runOf = (out: string, fold: string | null): string => join(resolve(out), 'runs', fold ?? 'model');

async function label(
  { judge: { fold, folders }, recordings }: Assignment,
  { out, workers, maxErrorShare, quiet }: EvalSettings,
): Promise<{ records: number; errors: number }> {
  const folder = runOf(out, fold);
  const list = `${folder}.jsonl`;
  const lines = recordings.map(({ label: { path } }) => `${JSON.stringify({ file: path })}\n`);
  await writing(out, async () => {
    makeFolder(join(resolve(out), 'runs'));
    await replaceFile(join(resolve(out), 'runs'), `${fold ?? 'model'}.jsonl`, (to) =>
      writeTextFile(to, lines),
    );
  });
  if (!quiet && fold !== null) process.stderr.write(`Fold ${fold}: ${recordings.length} recordings\n`);
  return supervise(
    'run',
    [list],
    runSettings.parse({ out: folder, model: folders, workers, maxErrorShare, quiet }),
  );
}

async function collect(assignment: Assignment, classes: JudgedClasses, out: string): Promise<Collected> {
  const scratch = mkdtempSync(join(tmpdir(), 'undertone-eval-'));
  try {
    const query = await PartQuery.open(join(scratch, 'spill'));
    try {
      return await collectJudged(
        openFinishedRun(runOf(out, assignment.judge.fold)),
        query,
        assignment,
        classes,
      );
    } finally {
      query.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function refuseNothing({ judged, leftOut }: Collected, labels: readonly string[]): void {
  if (judged.length > 0) return;
  const reasons = [...new Set(leftOut.map(({ why }) => why))].join(', ');
  throw new UndertoneError(
    'usage',
    '--labels',
    `No recording of ${labels.join(', ')} can be judged: ${reasons}`,
  );
}

async function write(out: string, metrics: Metrics, { judged }: Collected): Promise<void> {
  const files = new Map([
    ...evaluationTables(metrics, judged),
    ['report.html', evaluationPage(metrics)],
    // Last: where it is, the others are.
    ['metrics.json', `${readableJson(metrics)}\n`],
  ]);
  await writing(out, async () => {
    for (const [name, text] of files)
      await replaceFile(resolve(out), name, (temporary) => writeTextFile(temporary, [text]));
  });
}

/** A line for each innermost list and object: a break in JSON stands between values, never in one. */
const readableJson = (value: object): string =>
  JSON.stringify(value, null, 1).replace(/[[{][^[\]{}]*[\]}]/g, (flat) => flat.replace(/\n */g, ' '));

async function writing(out: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    throw asOutputTrouble(thrown, out);
  }
}
