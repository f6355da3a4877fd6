/**
 * Raw model output → calibrated probabilities: temperature scaling (Guo et al. 2017, eq. 9), in double.
 * In: one row of logits or probabilities. Out: float32 row that sums to 1. Errors: model_error, naming the class.
 */
import { UndertoneError } from '@undertone/shared';

/** Keeps log p finite; below what a float32 softmax can tell from 0 among plausible classes. */
const SMALLEST_PROBABILITY = 1e-12;
/** Softmax in float32, float16 or int8 stays within this; sigmoid heads and logits do not. */
const SUM_TOLERANCE = 0.02;

export interface Calibration {
  readonly kind: 'logits' | 'probabilities';
  readonly temperature: number;
  readonly classes: readonly string[];
  /** Shown in messages. */
  readonly model: string;
}

/** Writes the probabilities of raw row `row` to row `row` of `into`; `scratch` holds one row in double. */
export function calibrateRow(
  raw: Float32Array,
  row: number,
  into: Float32Array,
  intoRow: number,
  scratch: Float64Array,
  calibration: Calibration,
): void {
  const { kind, temperature, classes } = calibration;
  const width = classes.length;
  let largest = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let i = 0; i < width; i++) {
    const value = raw[row * width + i] as number;
    if (!Number.isFinite(value)) throw wrong(calibration, i, value, 'a finite number');
    if (kind === 'probabilities' && value < 0) throw wrong(calibration, i, value, 'a probability');
    sum += value;
    const logit = kind === 'logits' ? value : Math.log(Math.max(value, SMALLEST_PROBABILITY));
    const scaled = logit / temperature;
    scratch[i] = scaled;
    largest = Math.max(largest, scaled);
  }
  if (kind === 'probabilities' && Math.abs(sum - 1) > SUM_TOLERANCE) {
    throw new UndertoneError(
      'model_error',
      calibration.model,
      `Expected probabilities that sum to 1 from ${calibration.model} but they sum to ${sum}: is card.output.kind right?`,
    );
  }
  let total = 0;
  for (let i = 0; i < width; i++) {
    const mass = Math.exp((scratch[i] as number) - largest);
    scratch[i] = mass;
    total += mass;
  }
  for (let i = 0; i < width; i++) into[intoRow * width + i] = (scratch[i] as number) / total;
}

function wrong({ model, classes }: Calibration, i: number, value: number, what: string): UndertoneError {
  return new UndertoneError(
    'model_error',
    model,
    `Expected ${what} from ${model} for class ${classes[i]} but received ${value}`,
  );
}
