/**
 * The Slurm example of docs/clusters.md with real daemons on this machine: an array of parts, then a dependent job that
 * merges and verifies. Asked for by UNDERTONE_TEST_SLURM=1; needs slurmctld, slurmd, munged (Debian: slurm-wlm, munge).
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { babble, wav16 } from '../fixtures/wav.ts';
import { cliPath, undertone } from './cli.ts';

const asked = process.env.UNDERTONE_TEST_SLURM === '1';
const PARTS = 4;
const node = hostname().split('.')[0] ?? 'localhost';
// slurmd refuses folders that anybody may write to, and sockets have short names.
const work = mkdtempSync(join(tmpdir(), 'ut-slurm-'));
const daemons: ResultPromise[] = [];
const environment = { SLURM_CONF: join(work, 'slurm.conf'), PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

async function slurm(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await execa(command, args, { env: environment });
  return stdout;
}

/** Asks again until it is so. */
async function until(what: string, test: () => Promise<boolean>, seconds = 120): Promise<void> {
  for (const begin = Date.now(); Date.now() - begin < seconds * 1000; ) {
    if (await test().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const logs = ['slurmctld.log', 'slurmd.log'].map((name) => {
    try {
      return `${name}:\n${readFileSync(join(work, name), 'utf8').split('\n').slice(-15).join('\n')}`;
    } catch {
      return `${name}: none`;
    }
  });
  throw new Error(`Not within ${seconds} s: ${what}\n${logs.join('\n')}`);
}

function daemon(command: string, ...args: string[]): void {
  const child = execa(command, args, { env: environment, stdio: 'ignore', reject: false });
  daemons.push(child);
}

function configuration(controllerPort: number, nodePort: number, socket: string): string {
  return [
    'ClusterName=undertone',
    `SlurmctldHost=${node}(127.0.0.1)`,
    `SlurmUser=${userInfo().username}`,
    `SlurmdUser=${userInfo().username}`,
    `SlurmctldPort=${controllerPort}`,
    `SlurmdPort=${nodePort}`,
    'AuthType=auth/munge',
    `AuthInfo=socket=${socket}`,
    `StateSaveLocation=${join(work, 'state')}`,
    `SlurmdSpoolDir=${join(work, 'spool')}`,
    `SlurmctldPidFile=${join(work, 'slurmctld.pid')}`,
    `SlurmdPidFile=${join(work, 'slurmd.pid')}`,
    `SlurmctldLogFile=${join(work, 'slurmctld.log')}`,
    `SlurmdLogFile=${join(work, 'slurmd.log')}`,
    // No control groups: a container has none to give.
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'JobAcctGatherType=jobacct_gather/none',
    'SwitchType=switch/none',
    'MpiDefault=none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_CPU',
    'SlurmdParameters=config_overrides',
    'SchedulerParameters=sched_interval=1,batch_sched_delay=0',
    'ReturnToService=2',
    `NodeName=${node} NodeAddr=127.0.0.1 CPUs=${Math.max(2, availableParallelism())} State=UNKNOWN`,
    `PartitionName=all Nodes=${node} Default=YES MaxTime=INFINITE State=UP`,
    '',
  ].join('\n');
}

async function startCluster(): Promise<void> {
  for (const name of ['state', 'spool', 'munge']) mkdirSync(join(work, name), { mode: 0o755 });
  chmodSync(work, 0o755);
  const key = join(work, 'munge', 'key');
  writeFileSync(key, Buffer.alloc(1024, 'undertone tests only'), { mode: 0o600 });
  const socket = join(work, 'munge', 'socket');
  const at = (name: string): string => join(work, 'munge', name);
  daemon(
    'munged',
    '--foreground',
    '--force',
    `--key-file=${key}`,
    `--socket=${socket}`,
    `--pid-file=${at('pid')}`,
    `--log-file=${at('log')}`,
    `--seed-file=${at('seed')}`,
  );
  writeFileSync(environment.SLURM_CONF, configuration(await freePort(), await freePort(), socket));
  await until('munge answers', async () => (await slurm('munge', '-n', `--socket=${socket}`)) !== '');
  daemon('slurmctld', '-D', '-c');
  daemon('slurmd', '-D', '-N', node);
  await until('the node is idle', async () => (await slurm('sinfo', '-h', '-o', '%t')).trim() === 'idle');
}

describe.skipIf(!asked)('Slurm (asked for by UNDERTONE_TEST_SLURM=1)', () => {
  const input = join(work, 'in');
  const out = join(work, 'out');
  beforeAll(async () => {
    mkdirSync(input);
    for (let i = 0; i < 20; ++i)
      writeFileSync(join(input, `${String(i).padStart(2, '0')}.wav`), wav16(babble(20, 8000, i), 8000));
    await startCluster();
  });
  afterAll(async () => {
    for (const child of daemons.reverse()) {
      child.kill('SIGTERM');
      await child;
    }
    rmSync(work, { recursive: true, force: true });
  });

  it('an array of parts, then a job that merges and verifies', async () => {
    const script = join(work, 'label.sbatch');
    writeFileSync(
      script,
      [
        '#!/bin/bash',
        '#SBATCH --job-name=undertone',
        `#SBATCH --array=1-${PARTS}`,
        '#SBATCH --cpus-per-task=1',
        `#SBATCH --output=${join(work, 'part-%a.log')}`,
        `exec node ${cliPath} run ${input} --out ${out} \\`,
        '  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --workers "$SLURM_CPUS_PER_TASK"',
        '',
      ].join('\n'),
    );
    const array = (await slurm('sbatch', '--parsable', script)).trim();
    const merging = `node ${cliPath} merge ${out} && node ${cliPath} verify ${out}`;
    const mergeLog = join(work, 'merge.log');
    await slurm('sbatch', `--dependency=afterok:${array}`, `--output=${mergeLog}`, '--wrap', merging);
    await until('no job is left', async () => (await slurm('squeue', '-h')).trim() === '', 300);

    for (let part = 1; part <= PARTS; ++part)
      expect(readFileSync(join(work, `part-${part}.log`), 'utf8')).toContain(
        `Part ${part} of ${PARTS} is done`,
      );
    expect(readFileSync(mergeLog, 'utf8')).toContain('Finished and right');
    const whole = join(work, 'whole');
    expect((await undertone(['run', input, '--out', whole])).code).toBe(0);
    for (const table of ['segments.csv', 'files.csv', 'errors.csv'])
      expect(readFileSync(join(out, table)).equals(readFileSync(join(whole, table))), table).toBe(true);
  }, 600_000);
});
