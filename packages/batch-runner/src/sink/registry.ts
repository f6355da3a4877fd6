/** ★ The output formats. */
import { csv } from './csv.js';
import { jsonl } from './jsonl.js';
import { parquet } from './parquet.js';
import type { Sink } from './sink.js';

export const SINKS: Readonly<Record<'csv' | 'parquet' | 'jsonl', Sink>> = { csv, parquet, jsonl };
