/**
 * RTTM (NIST Rich Transcription Time Marked), one SPEAKER line a stretch, the label in the name field.
 * Fields are parted by white space, so it is percent-encoded in file names. no_speech is left out: a line says that
 * somebody speaks.
 */
import { TextWriter } from '../sink/text-file.js';
import { type ExportFormat, seconds } from './format.js';

export const rttm: ExportFormat = {
  makes: 'file',
  overlaps: false,
  open(target) {
    const lines = new TextWriter(target);
    return {
      write: ({ file, tiers }) => {
        const name = escapeField(file.replace(/^\.\//, ''));
        for (const { channel, intervals } of tiers) {
          for (const { startMs, endMs, label, confidence } of intervals) {
            if (label === 'no_speech') continue;
            const sure = confidence === null ? '<NA>' : confidence.toFixed(4);
            lines.write(
              // Channels count from 1 here.
              `SPEAKER ${name} ${(channel ?? 0) + 1} ${seconds(startMs)} ${seconds(endMs - startMs)} <NA> <NA> ${label} ${sure} <NA>\n`,
            );
          }
        }
      },
      finish: () => lines.close(),
    };
  },
};

/** `%` and whatever some reader may take for white space or a line's end becomes %XX, as in a URL. */
function escapeField(text: string): string {
  return text.replace(/[%\p{Z}\p{C}]/gu, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}
