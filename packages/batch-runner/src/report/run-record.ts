/** run.json: what was asked, what really ran, and what came of it. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { describeBuild } from '@undertone/dsp-native';
import type { RunIdentity } from '../commit/ledger.js';
import type { MergeSpec, Totals } from '../commit/merge.js';
import { VERSION } from '../version.js';

export interface RunRecord extends RunIdentity {
  readonly schema: 'undertone-run/1';
  readonly command: string;
  readonly state: 'running' | 'interrupted' | 'complete';
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly settings: object;
  readonly inputs: readonly string[];
  readonly root: string;
  readonly passedOver: number;
  /** Runners that were started in another's place, over every invocation: crashes, hangs, too much memory. */
  readonly incidents: readonly object[];
  /** Those whose probabilities were averaged; none where nothing was labelled. */
  readonly models: readonly object[];
  /** What really computed: the CPU, or each GPU by name. */
  readonly devices: readonly object[];
  readonly workers: number;
  readonly machine: object;
  readonly versions: object;
  /** The wall time is the last invocation's. */
  readonly totals: (Totals & { readonly wallSeconds: number }) | null;
  readonly csv: object;
  /** What the tables are, for whoever merges or verifies with nothing but the folder. */
  readonly merge: MergeSpec;
}

export const CSV_DIALECT = {
  standard: 'RFC 4180',
  delimiter: ',',
  lineEnd: 'CRLF',
  encoding: 'UTF-8',
  decimal: '.',
  formulaGuard: "text that begins with = + - @ TAB or CR is preceded by '",
} as const;

/** What this machine and build really used. */
export function machineRecord(): { machine: object; versions: object } {
  const build = describeBuild();
  return {
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
      instructionSet: build.instructionSet,
    },
    versions: {
      undertone: VERSION,
      node: process.versions.node,
      ffmpeg: build.ffmpeg,
      compiler: build.compiler,
    },
  };
}

/** What decides how fast this machine is, besides what runs on it now. */
export function benchMachine(): {
  cpu: string;
  cores: number;
  memoryBytes: number;
  governor: string | null;
  loadAverage: number;
} {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    governor: governor(),
    loadAverage: loadavg()[0] ?? 0,
  };
}

/** How the kernel chooses clock rates; null where it does not say, as in most virtual machines. */
function governor(): string | null {
  try {
    return readFileSync('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor', 'utf8').trim();
  } catch {
    return null;
  }
}
