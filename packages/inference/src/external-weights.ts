/**
 * Finds weights that an ONNX graph keeps in another file.
 *
 * The card's digest covers the graph only, and the runtime, given bytes, looks for such files in the current folder:
 * a model could then run with weights that nobody checked. Only the fields that lead to tensors are followed
 * (numbers from onnx.proto3); everything else is skipped unread.
 */
type Message = 'model' | 'graph' | 'function' | 'node' | 'attribute' | 'sparse' | 'tensor';

const NESTED: Readonly<Record<Message, Readonly<Record<number, Message>>>> = {
  model: { 7: 'graph', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  function: { 7: 'node' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: {},
};
/** TensorProto.external_data and data_location, which is 0 (default) for weights inside the graph. */
const EXTERNAL_DATA = 13;
const DATA_LOCATION = 14;

/** Wire types of protobuf that ONNX uses. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** False for bytes that are no protobuf: opening them gives the better message. */
export function hasExternalWeights(graph: Uint8Array): boolean {
  return walk({ bytes: graph, at: 0 }, graph.length, 'model');
}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

function walk(cursor: Cursor, end: number, message: Message): boolean {
  while (cursor.at < end) {
    const key = varint(cursor);
    const field = Math.floor(key / 8);
    const wire = key % 8;
    if (wire === VARINT) {
      const value = varint(cursor);
      if (message === 'tensor' && field === DATA_LOCATION && value !== 0) return true;
    } else if (wire === BYTES) {
      if (message === 'tensor' && field === EXTERNAL_DATA) return true;
      const length = varint(cursor);
      const next = cursor.at + length;
      const inner = NESTED[message][field];
      if (inner !== undefined && next <= end && walk(cursor, next, inner)) return true;
      cursor.at = next;
    } else if (wire === FIXED64 || wire === FIXED32) cursor.at += wire === FIXED64 ? 8 : 4;
    else return false;
  }
  return false;
}

/** Exact to 2^53; longer ones (negative numbers) are only ever skipped. */
function varint(cursor: Cursor): number {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = cursor.bytes[cursor.at++] ?? 0;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
}
