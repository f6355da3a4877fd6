/** A model's directory: card.json beside the graph it describes. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, frontEndSettings, parseSettings, sha256Hex, UndertoneError } from '@undertone/shared';
import { type Card, type CardBody, cardSchema, waveformFrontEndSettings } from './card.js';
import { checkCard } from './card-checks.js';
import { hasExternalWeights } from './external-weights.js';

export const CARD_FILE = 'card.json';

/** Validates the content of a card.json. @throws UndertoneError invalid_card naming the dotted path and the value */
export function parseCard(json: unknown): Card {
  const { family, frontEnd, ...body } = parseSettings(cardSchema, json, 'card', 'invalid_card');
  const card = withFrontEnd(body, family, frontEnd);
  checkCard(card);
  return card;
}

function withFrontEnd(body: CardBody, family: Card['family'], frontEnd: unknown): Card {
  const root = 'card.frontEnd';
  return family === 'waveform'
    ? { ...body, family, frontEnd: parseSettings(waveformFrontEndSettings, frontEnd, root, 'invalid_card') }
    : { ...body, family, frontEnd: parseSettings(frontEndSettings, frontEnd, root, 'invalid_card') };
}

/** Reads and checks card.json; the graph is not looked at. @throws UndertoneError invalid_card */
export async function readCard(directory: string): Promise<Card> {
  const path = join(directory, CARD_FILE);
  const bytes = await readPart(path);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new UndertoneError('invalid_card', path, `${path} is not JSON: ${(error as Error).message}`);
  }
  return parseCard(json);
}

/** A card and the bytes of the graph whose digest it names. */
export interface CardAndGraph {
  readonly card: Card;
  readonly graph: Uint8Array;
}

/**
 * Reads card and graph. The session is opened from these very bytes, so what was checked is what runs.
 * @throws UndertoneError invalid_card, or digest_mismatch when the graph is not the one of the card
 */
export async function readModelFiles(directory: string): Promise<CardAndGraph> {
  const card = await readCard(directory);
  const path = join(directory, card.model.file);
  const graph = await readPart(path);
  const actual = createHash('sha256').update(graph).digest('hex');
  if (actual !== card.model.sha256) {
    throw new UndertoneError(
      'digest_mismatch',
      path,
      `${path} has the SHA-256 ${actual.slice(0, 12)}… but card.json names ${card.model.sha256.slice(0, 12)}…: ` +
        'fetch the model again, or, if the graph was meant to change, export it again together with its card',
    );
  }
  if (hasExternalWeights(graph)) {
    throw new UndertoneError(
      'invalid_card',
      path,
      `The graph of ${card.name} keeps weights in a file beside it, which no digest covers: export it as one file`,
    );
  }
  return { card, graph };
}

/**
 * The checked card of a model directory, its graph's digest included.
 * @throws UndertoneError invalid_card, digest_mismatch
 */
export async function loadCard(directory: string): Promise<Card> {
  return (await readModelFiles(directory)).card;
}

/**
 * Digest of what in the card can change a row, defaults filled in: equal cards give equal digests however they are
 * written, and a better description or one more evaluation does not make finished shards stale.
 */
export function cardDigest(card: Card): string {
  const { description, licence, evaluation, training, calibration, ...rest } = card;
  const { temperature, abstainBelow } = calibration;
  return sha256Hex(canonicalJson({ ...rest, temperature, abstainBelow }));
}

async function readPart(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const what = missing ? 'does not exist' : `cannot be read: ${(error as Error).message}`;
    throw new UndertoneError(
      'invalid_card',
      path,
      `${path} ${what}; a model directory holds card.json and its graph`,
    );
  }
}
