/** ELAN annotation files, EAF 3.0: one file a recording, one tier a channel or role, linked to the recording. */
import { dirname, extname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ExportContext, ExportedRecording, ExportFormat, Tier } from './format.js';
import { mirrorPath, writeMirrored } from './mirror.js';

const SCHEMA = 'http://www.mpi.nl/tools/elan/EAFv3.0.xsd';
const LINGUISTIC_TYPE = 'emotion';

/** Of formats that ELAN knows by it. */
const MIME_TYPES: Readonly<Record<string, string>> = {
  '.wav': 'audio/x-wav',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
};

export const elan: ExportFormat = {
  makes: 'folder',
  overlaps: false,
  open(target, context) {
    return {
      write: (recording) => {
        const path = mirrorPath(recording.file, '.eaf');
        writeMirrored(target, path, document(recording, join(context.target, path), context));
      },
      finish: () => undefined,
    };
  },
};

interface Annotation {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly value: string;
}

function document(recording: ExportedRecording, path: string, context: ExportContext): string {
  const { slots, annotations } = numbered(recording.tiers);
  const media = resolve(context.run.root, recording.file);
  const beside = relative(dirname(path), media).split('/').map(encodeURIComponent).join('/');
  const mime = MIME_TYPES[extname(recording.file).toLowerCase()] ?? 'unknown';
  const count = annotations.reduce((sum, tier) => sum + tier.length, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    // The run's time, not today's: the same run exports the same bytes.
    `<ANNOTATION_DOCUMENT AUTHOR="undertone ${context.program}" DATE="${context.run.finishedAt}" FORMAT="3.0" VERSION="3.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="${SCHEMA}">`,
    '    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">',
    `        <MEDIA_DESCRIPTOR MEDIA_URL="${escaped(pathToFileURL(media).href)}" MIME_TYPE="${mime}" RELATIVE_MEDIA_URL="${escaped(beside)}"/>`,
    `        <PROPERTY NAME="lastUsedAnnotationId">${count}</PROPERTY>`,
    '    </HEADER>',
    '    <TIME_ORDER>',
    ...slots.map((ms, i) => `        <TIME_SLOT TIME_SLOT_ID="ts${i + 1}" TIME_VALUE="${ms}"/>`),
    '    </TIME_ORDER>',
    ...recording.tiers.flatMap((tier, i) => tierLines(tier, annotations[i] ?? [])),
    `    <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="${LINGUISTIC_TYPE}" TIME_ALIGNABLE="true"/>`,
    '</ANNOTATION_DOCUMENT>',
    '',
  ].join('\n');
}

function tierLines({ name, role }: Tier, annotations: readonly Annotation[]): string[] {
  const participant = role === null ? '' : ` PARTICIPANT="${escaped(role)}"`;
  return [
    `    <TIER LINGUISTIC_TYPE_REF="${LINGUISTIC_TYPE}"${participant} TIER_ID="${escaped(name)}">`,
    ...annotations.flatMap(({ id, from, to, value }) => [
      '        <ANNOTATION>',
      `            <ALIGNABLE_ANNOTATION ANNOTATION_ID="${id}" TIME_SLOT_REF1="${from}" TIME_SLOT_REF2="${to}">`,
      `                <ANNOTATION_VALUE>${escaped(value)}</ANNOTATION_VALUE>`,
      '            </ALIGNABLE_ANNOTATION>',
      '        </ANNOTATION>',
    ]),
    '    </TIER>',
  ];
}

/** Time slots of all tiers in order of their time, and the annotations that name them, tier by tier. */
function numbered(tiers: readonly Tier[]): { slots: number[]; annotations: Annotation[][] } {
  const slots = [
    ...new Set(tiers.flatMap(({ intervals }) => intervals.flatMap(({ startMs, endMs }) => [startMs, endMs]))),
  ].sort((a, b) => a - b);
  const slotOf = new Map(slots.map((ms, i) => [ms, `ts${i + 1}`]));
  let next = 0;
  const annotations = tiers.map(({ intervals }) =>
    intervals.map(({ startMs, endMs, label }) => ({
      id: `a${++next}`,
      from: slotOf.get(startMs) ?? '',
      to: slotOf.get(endMs) ?? '',
      value: label,
    })),
  );
  return { slots, annotations };
}

const ENTITIES: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

/** What XML 1.0 cannot hold, such as most control characters, becomes a mark in its place. */
const escaped = (text: string): string =>
  text
    .replace(/[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[<>&"]/g, (c) => ENTITIES[c] ?? c);
