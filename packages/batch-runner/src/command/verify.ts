/** `undertone verify`: proves what an output folder holds. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Verification, verifyRun } from '../commit/verify.js';
import { verifySettings } from '../settings.js';
import { VERSION } from '../version.js';
import { EXIT } from './exit-codes.js';
import { addFlags, parseFlags } from './flags.js';

export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .summary('prove a finished or unfinished run: plan, digests, every record, tables equal to the shards')
    .description(
      'Reads everything in the output folder of a run and changes nothing. Exit 0: finished and right. 75: what is there is\n' +
        'right, and the run has to go on. 65: something is damaged; each line says what, and what to do.',
    )
    .argument('<folder>');
  addFlags(command, verifySettings).action(async (folder: string, flags: Record<string, unknown>) => {
    const settings = parseFlags(verifySettings, flags);
    const verification = await verifyRun(resolve(folder), VERSION);
    process.stdout.write(settings.json ? `${JSON.stringify(verification, null, 2)}\n` : asText(verification));
    process.exitCode = EXIT_OF[verification.verdict];
  });
}

const EXIT_OF = { finished: EXIT.done, unfinished: EXIT.tryAgain, damaged: EXIT.tooManyErrors } as const;

function asText(verification: Verification): string {
  const { folder, records, recordsCommitted, shards, shardsCommitted, compared, problems, notes } =
    verification;
  const verdict = {
    finished:
      'Finished and right: every recording has its rows, every digest is right, the tables are what the shards give',
    unfinished:
      'Unfinished: what is committed is right. Give the command of the run again, or merge when all parts are done',
    damaged: `Damaged: ${problems.length} ${problems.length === 1 ? 'thing is' : 'things are'} wrong`,
  }[verification.verdict];
  const lines = [
    folder,
    `${recordsCommitted} of ${records} recordings in ${shardsCommitted} of ${shards} shards are committed and right`,
    compared.length > 0 ? `Equal to the shards, byte by byte: ${compared.join(', ')}` : '',
    ...problems.map(({ what, todo }) => `Wrong: ${what}: ${todo}`),
    ...notes.map((note) => `Note: ${note}`),
    verdict,
  ];
  return `${lines.filter(Boolean).join('\n')}\n`;
}
