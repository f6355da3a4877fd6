/**
 * Tiny ONNX graphs, encoded by hand, so that the tests run real models without Python. Field numbers are those of
 * onnx.proto3 (IR version 8, opset 17).
 */
type Bytes = number[];

const varint = (value: number): Bytes => {
  const bytes: Bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
};
const int = (field: number, value: number): Bytes => [...varint(field << 3), ...varint(value)];
const bytes = (field: number, content: ArrayLike<number>): Bytes => [
  ...varint((field << 3) | 2),
  ...varint(content.length),
  ...Array.from(content),
];
const text = (field: number, value: string): Bytes => bytes(field, Buffer.from(value, 'utf8'));
const float = (field: number, value: number): Bytes => [
  ...varint((field << 3) | 5),
  ...new Uint8Array(Float32Array.of(value).buffer),
];

export const FLOAT = 1;
export const BOOL = 9;
export const FLOAT16 = 10;
export const DOUBLE = 11;

/** A dimension: a size, or the name of an open one. */
export type Dim = number | string;
export interface Port {
  name: string;
  shape: readonly Dim[];
  type?: number;
}
export interface Weights {
  name: string;
  shape: readonly number[];
  values: ArrayLike<number>;
  /** Name of a file beside the graph that holds the values instead. */
  external?: string;
}
export interface Node {
  op: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes?: Readonly<Record<string, number | { float: number } | readonly number[]>>;
}
export interface Graph {
  inputs: readonly Port[];
  outputs: readonly Port[];
  nodes: readonly Node[];
  weights?: readonly Weights[];
}

const dimension = (dim: Dim): Bytes => bytes(1, typeof dim === 'number' ? int(1, dim) : text(2, dim));
const port = ({ name, shape, type = FLOAT }: Port): Bytes => [
  ...text(1, name),
  ...bytes(2, bytes(1, [...int(1, type), ...bytes(2, shape.flatMap(dimension))])),
];
const tensor = ({ name, shape, values, external }: Weights): Bytes => [
  ...shape.flatMap((size) => int(1, size)),
  ...int(2, FLOAT),
  ...text(8, name),
  ...(external === undefined
    ? bytes(9, new Uint8Array(Float32Array.from(values).buffer))
    : [...bytes(13, [...text(1, 'location'), ...text(2, external)]), ...int(14, 1)]),
];

function attribute(name: string, value: number | { float: number } | readonly number[]): Bytes {
  if (typeof value === 'number') return [...text(1, name), ...int(3, value), ...int(20, 2)];
  if ('float' in value) return [...text(1, name), ...float(2, value.float), ...int(20, 1)];
  return [...text(1, name), ...value.flatMap((entry) => int(8, entry)), ...int(20, 7)];
}
const node = ({ op, inputs, outputs, attributes = {} }: Node): Bytes => [
  ...inputs.flatMap((name) => text(1, name)),
  ...outputs.flatMap((name) => text(2, name)),
  ...text(4, op),
  ...Object.entries(attributes).flatMap(([name, value]) => bytes(5, attribute(name, value))),
];

/** The bytes of a model.onnx. */
export function onnx({ inputs, outputs, nodes, weights = [] }: Graph): Uint8Array {
  const graph = [
    ...nodes.flatMap((entry) => bytes(1, node(entry))),
    ...text(2, 'tiny'),
    ...weights.flatMap((entry) => bytes(5, tensor(entry))),
    ...inputs.flatMap((entry) => bytes(11, port(entry))),
    ...outputs.flatMap((entry) => bytes(12, port(entry))),
  ];
  return Uint8Array.from([...int(1, 8), ...bytes(7, graph), ...bytes(8, [...text(1, ''), ...int(2, 17)])]);
}
