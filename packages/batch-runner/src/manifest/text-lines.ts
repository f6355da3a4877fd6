/** Lines of a byte stream of any length, as the bytes that they are: a path in a list need not be UTF-8. */
import { UndertoneError } from '@undertone/shared';

/** A longer line is no list of paths. */
const MAX_LINE_BYTES = 1 << 20;
/** Enough to see whether the items of a list end with NUL, as those of `find -print0` do. */
const SNIFF_BYTES = 1 << 13;

/**
 * The stream in pieces, without a byte-order mark; the first one is long enough to sniff at.
 * @throws UndertoneError usage when it is UTF-16
 */
export async function* unmarked(stream: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const bytes of stream) {
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (head) {
      head = Buffer.concat([head, piece]);
      if (head.length < SNIFF_BYTES) continue;
      yield withoutMark(head, where);
      head = null;
    } else yield piece;
  }
  if (head) yield withoutMark(head, where);
}

function withoutMark(head: Buffer, where: string): Buffer {
  const [first, second, third] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new UndertoneError('usage', where, `Expected UTF-8 text in ${where} but received UTF-16`);
  }
  return first === 0xef && second === 0xbb && third === 0xbf ? head.subarray(3) : head;
}

/** Lines with LF or CRLF; items that end with NUL when there is one at the beginning. Empty ones are left out. */
export async function* textLines(
  stream: AsyncIterable<Uint8Array>,
  where: string,
): AsyncGenerator<{ line: Buffer; number: number }> {
  let rest = '';
  let number = 0;
  let end: '\0' | '\n' | null = null;
  for await (const bytes of unmarked(stream, where)) {
    // One character a byte.
    const piece = bytes.toString('latin1');
    end ??= piece.includes('\0') ? '\0' : '\n';
    const lines = (rest + piece).split(end);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      number += 1;
      if (line !== '' && line !== '\r') yield { line: lineBytes(line, end), number };
    }
    if (rest.length > MAX_LINE_BYTES) {
      const message = `Expected a path or JSON a line in ${where} but line ${number + 1} is longer than 1 MiB`;
      throw new UndertoneError('usage', where, message);
    }
  }
  if (rest !== '' && rest !== '\r') yield { line: lineBytes(rest, end ?? '\n'), number: number + 1 };
}

const lineBytes = (line: string, end: string): Buffer =>
  Buffer.from(end === '\n' && line.endsWith('\r') ? line.slice(0, -1) : line, 'latin1');
