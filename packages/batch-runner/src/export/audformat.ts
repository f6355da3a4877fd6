/**
 * An audformat database (audEERING): db.yaml, and per channel a segmented table `segments` and a filewise table
 * `files` as CSV. https://audeering.github.io/audformat/ has the specification.
 */
import { basename, dirname, join } from 'node:path';
import { modelNames } from '../commit/finished-run.js';
import { quoted } from '../sink/table.js';
import { TextWriter, writeTextFile } from '../sink/text-file.js';
import type { ExportContext, ExportedRecording, Exporter, ExportFormat, Tier } from './format.js';

const RATER = 'undertone';

export const audformat: ExportFormat = {
  makes: 'folder',
  // A row a window: whoever counts or trains wants them as they were scored.
  overlaps: true,
  open: (target, context) => new Database(target, context),
};

type TableKind = 'segments' | 'files';
const INDEX = { segments: 'file,start,end', files: 'file' } as const;
const TYPE = { segments: 'segmented', files: 'filewise' } as const;

class Database implements Exporter {
  readonly #tables = new Map<string, { readonly kind: TableKind; readonly writer: TextWriter }>();

  constructor(
    readonly folder: string,
    readonly context: ExportContext,
  ) {}

  write({ file, tiers }: ExportedRecording): void {
    // Paths of a database that can be moved have no leading ./
    const path = quoted(file.replace(/^\.\//, ''));
    for (const tier of tiers) {
      const role = quoted(tier.role ?? '');
      const segments = this.#table('segments', tier);
      for (const { startMs, endMs, label, confidence } of tier.intervals) {
        const times = `${timedelta(startMs)},${timedelta(endMs)}`;
        segments.write(`${path},${times},${label},${decimals(confidence)},${role}\n`);
      }
      const whole = `${tier.label ?? ''},${decimals(tier.confidence)},${role}`;
      this.#table('files', tier).write(`${path},${whole}\n`);
    }
  }

  finish(): void {
    for (const { writer } of this.#tables.values()) writer.close();
    writeTextFile(join(this.folder, 'db.yaml'), this.#header());
  }

  /** A row is known by file, start and end alone, so channels cannot share a table. */
  #table(kind: TableKind, { channel }: Tier): TextWriter {
    const id = channel === null ? kind : `${kind}.channel${channel}`;
    let table = this.#tables.get(id);
    if (!table) {
      table = { kind, writer: new TextWriter(join(this.folder, `db.${id}.csv`)) };
      table.writer.write(`${INDEX[kind]},emotion,confidence,role\n`);
      this.#tables.set(id, table);
    }
    return table.writer;
  }

  /** Strings as in JSON, which YAML understands. */
  *#header(): Generator<string> {
    const { run, labels, target } = this.context;
    const model = modelNames(run);
    const terms = [...new Set(run.models.map(({ licence }) => licence.weights))];
    yield `name: ${text(basename(target) || basename(dirname(target)))}\n`;
    yield `source: ${text(run.root)}\n`;
    yield 'usage: other\n';
    yield `description: ${text(`Labels by ${model}: how a voice sounds, as listeners to acted speech would name it`)}\n`;
    yield `license: ${text(terms.join('; '))}\n`;
    yield `raters:\n  ${RATER}: {type: machine, description: ${text(model)}}\n`;
    yield 'schemes:\n';
    yield `  emotion:\n    dtype: str\n    labels: [${labels.map(text).join(', ')}]\n`;
    yield '  confidence: {dtype: float, minimum: 0, maximum: 1}\n';
    yield '  role: {dtype: str}\n';
    yield 'tables:\n';
    for (const [id, { kind }] of this.#tables) {
      yield `  ${id}:\n    type: ${TYPE[kind]}\n    columns:\n`;
      yield `      emotion: {scheme_id: emotion, rater_id: ${RATER}}\n`;
      yield `      confidence: {scheme_id: confidence, rater_id: ${RATER}}\n`;
      yield '      role: {scheme_id: role}\n';
    }
  }
}

const text = (value: string): string => JSON.stringify(value);
const decimals = (value: number | null): string => (value === null ? '' : value.toFixed(4));

/** As pandas writes a Timedelta: `0 days 00:00:01.500000`. */
function timedelta(ms: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const clock = `${two((ms / 3_600_000) % 24)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}`;
  return `${Math.floor(ms / 86_400_000)} days ${clock}.${String(ms % 1000).padStart(3, '0')}000`;
}
