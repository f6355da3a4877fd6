// Memory and sharing of one very long recording: makes a 24-hour WAV (sparse: a minute of sound in every hour), labels it,
// and holds the peak of resident memory of all processes together to 400 MB and 150 MB a worker.
//   node bench/long-recording.mjs [--hours 24] [--workers 1,2] [--pieces 1800,0]
// Exit status 1 when a run needs more, or when numbers of workers or lengths of pieces give different tables.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runUndertone, wavHead } from './peak.mjs';

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '24' },
    workers: { type: 'string', default: '1,2' },
    pieces: { type: 'string', default: '1800,0' },
  },
});
const RATE = 16000;
const hours = Number(values.hours);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'undertone-long-'));

function makeRecording() {
  const bytes = Math.round(hours * 3600) * RATE * 2;
  const head = wavHead(RATE, bytes);
  const minute = Buffer.alloc(60 * RATE * 2);
  for (let i = 0; i < minute.length / 2; ++i) {
    const t = i / RATE;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 3.1 * t));
    const pulse = ((t * 120) % 1) - 0.5;
    minute.writeInt16LE(
      Math.round(syllable * (8000 * pulse + 2000 * (((i * 7919) % 1000) / 1000 - 0.5))),
      2 * i,
    );
  }
  const file = path.join(folder, 'long.wav');
  const descriptor = fs.openSync(file, 'w');
  fs.writeSync(descriptor, head);
  fs.ftruncateSync(descriptor, head.length + bytes);
  for (let hour = 0; hour + 0.1 < hours; ++hour)
    fs.writeSync(descriptor, minute, 0, minute.length, head.length + (hour * 3600 + 600) * RATE * 2);
  fs.closeSync(descriptor);
  return file;
}

async function label(file, workers, piece) {
  const out = path.join(folder, `out-${workers}-${piece}`);
  const args = ['run', file, '--out', out, '--workers', workers, '--piece', piece, '--quiet'];
  const { code, stderr, peakBytes, seconds } = await runUndertone(args);
  if (code !== 0) throw new Error(`undertone run ended with ${code}: ${stderr}`);
  const digest = createHash('sha256');
  for (const table of ['segments.csv', 'files.csv']) digest.update(fs.readFileSync(path.join(out, table)));
  return { peak: peakBytes / 1e6, seconds, digest: digest.digest('hex') };
}

let failed = false;
try {
  const file = makeRecording();
  const digests = new Set();
  for (const piece of values.pieces.split(',')) {
    for (const workers of values.workers.split(',')) {
      const { peak, seconds, digest } = await label(file, workers, piece);
      const allowed = 400 + 150 * Number(workers);
      console.log(
        `${hours} h, pieces of ${piece} s, ${workers} workers: ${seconds.toFixed(1)} s, peak ${peak.toFixed(0)} MB of ${allowed} MB, tables ${digest.slice(0, 12)}`,
      );
      digests.add(digest);
      failed ||= peak > allowed;
    }
  }
  failed ||= digests.size > 1;
} finally {
  fs.rmSync(folder, { recursive: true });
}
process.exitCode = failed ? 1 : 0;
