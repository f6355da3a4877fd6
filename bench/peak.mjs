// What the memory benches share: the head of a WAV, and a command's peak of resident memory with all its children.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../packages/batch-runner/bin/undertone.js', import.meta.url));

/** The 44 bytes before 16-bit mono samples. @param {number} sampleRateHz @param {number} dataBytes */
export function wavHead(sampleRateHz, dataBytes) {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + dataBytes, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(sampleRateHz, 24);
  head.writeUInt32LE(2 * sampleRateHz, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(dataBytes, 40);
  return head;
}

/** Of a process and all that come from it; shared pages count once for each. A process that ended counts nothing. */
function residentBytes(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const own = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
    const children = readdirSync(`/proc/${pid}/task`)
      .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
      .filter(Boolean);
    return children.reduce((sum, child) => sum + residentBytes(child), own);
  } catch {
    return 0;
  }
}

/**
 * Runs `undertone` and looks at its memory twenty times a second.
 * @param {string[]} args
 * @returns {Promise<{ code: number | null, stderr: string, peakBytes: number, seconds: number }>}
 */
export async function runUndertone(args) {
  const begin = performance.now();
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let peakBytes = 0;
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentBytes(child.pid));
  }, 50);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(timer);
  // A bound on nothing would hold.
  if (peakBytes === 0) throw new Error('/proc told nothing of the memory of undertone');
  return { code, stderr, peakBytes, seconds: (performance.now() - begin) / 1000 };
}
