import type { FeatureSettings } from '@undertone/shared';

/**
 * ★ The one table of tolerances: how far float32 features may lie from the float64 reference.
 *
 * An error is |x − ref| / max(|ref|, RMS of the reference's column, resolution · largest value of the row): relative to
 * the value, or, for values near 0 (a band in silence, a cepstrum crossing 0), to what the column carries on the whole.
 * The resolution is 0 but for features without a logarithm: an FFT's rounding errors follow the loudest bin of the
 * frame, so a bin more than 60 dB below it is measured as if it were at −60 dB. A row of statistics is a column's only
 * value: there the RMS is that of the feature's statistics in its own unit, and 1 for skewness and kurtosis. In a
 * sequence, and in the rows of means of the reference systems, the RMS is that of the feature over its frames.
 */
export const TOLERANCES = {
  /** Every group of cases.json, every instruction set. */
  reference: 1e-4,
  /**
   * Rows with a spectral contrast: a valley is the mean of a band's smallest bins, 100 dB and more below the loudest bin of the
   * frame, where the FFT's rounding errors stand out.
   */
  contrast: 2e-3,
  /** kaldi-native-fbank computes in float32 itself and lies up to 5e-5 from the reference on its own. */
  kaldiNativeFbank: 2e-4,
} as const;

/** −60 dB of a spectrum's or of mel energies' largest value. */
export const RESOLUTION = { log: 0, power: 1e-6, magnitude: 1e-3 } as const;

/**
 * How far two instruction sets may lie apart, feature by feature. They round differently (fused multiply-adds, order of sums)
 * and nothing more. An error as above; the resolution, of linear features only, counts against the feature's largest value in
 * the recording, and what is smaller than `unit` is measured against that.
 */
export const AGREEMENT: Record<
  FeatureSettings['kind'],
  { readonly error: number; readonly linear?: true; readonly unit?: number }
> = {
  // A bin at −60 dB: twice 1e-7 of the loudest magnitude, over its own, under either instruction set.
  spectrum: { error: 4e-4, linear: true },
  mel: { error: 1e-4, linear: true },
  log: { error: 5e-5, unit: 0.1 },
  cepstrum: { error: 5e-5, unit: 0.1 },
  'zero-crossing-rate': { error: 0 },
  energy: { error: 1e-5 },
  rms: { error: 1e-5 },
  'energy-entropy': { error: 1e-5 },
  'spectral-centroid': { error: 5e-5 },
  'spectral-bandwidth': { error: 5e-5 },
  'spectral-skewness': { error: 5e-5, unit: 1 },
  'spectral-kurtosis': { error: 5e-5, unit: 1 },
  'spectral-entropy': { error: 5e-5 },
  'spectral-flux': { error: 5e-5 },
  'spectral-flatness': { error: 1e-4 },
  'spectral-roll-off': { error: 1e-5 },
  'spectral-slope': { error: 5e-5 },
  // Valleys lie where an FFT rounds: see TOLERANCES.
  'spectral-contrast': { error: 1e-3, unit: 50 },
  chroma: { error: 5e-5 },
  'chroma-cqt': { error: 5e-5 },
  tonnetz: { error: 1e-4 },
  // Near its lowest the harmonic-to-noise ratio is the logarithm of a small difference of large sums.
  pitch: { error: 5e-4 },
};

/** The largest error, in the sense above. Both are frames × columns, C order. */
export function worstError(
  values: Float32Array,
  reference: Float32Array,
  columns: number,
  resolution = 0,
  scales: readonly number[] = [],
): number {
  if (values.length !== reference.length) return Number.POSITIVE_INFINITY;
  const rowFloors = Array.from(
    { length: reference.length / columns },
    (_, row) => resolution * Math.max(...reference.subarray(row * columns, (row + 1) * columns)),
  );
  let worst = 0;
  for (let column = 0; column < columns; column++) {
    const scale = scales[column] ?? columnRms(reference, column, columns);
    for (let i = column; i < reference.length; i += columns) {
      const expected = reference[i] ?? Number.NaN;
      const difference = Math.abs((values[i] ?? Number.NaN) - expected);
      // Both exactly 0 is no error, whatever the scale; NaN is the largest.
      const floor = rowFloors[(i - column) / columns] ?? 0;
      const error = difference === 0 ? 0 : difference / Math.max(Math.abs(expected), scale, floor);
      worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
    }
  }
  return worst;
}

function columnRms(values: Float32Array, column: number, columns: number): number {
  let sum = 0;
  let count = 0;
  for (let i = column; i < values.length; i += columns) {
    sum += (values[i] ?? 0) ** 2;
    count += 1;
  }
  return Math.sqrt(sum / count);
}

const SHAPES = ['skewness', 'kurtosis'];
const OTHER_UNITS = [...SHAPES, 'variance', 'slope'];

/** What to measure each value of one row of statistics against: block after block, in each statistic after statistic. */
export function statisticScales(statistics: readonly string[], blocks: number, row: Float32Array): number[] {
  const features = row.length / (blocks * statistics.length);
  const at = (block: number, statistic: number, feature: number): number =>
    Math.abs(row[(block * statistics.length + statistic) * features + feature] ?? Number.NaN);
  return Array.from(row, (_, i) => {
    const feature = i % features;
    const statistic = Math.floor(i / features) % statistics.length;
    const block = Math.floor(i / (features * statistics.length));
    const name = statistics[statistic] as string;
    if (SHAPES.includes(name)) return 1;
    if (OTHER_UNITS.includes(name)) return 0;
    const inUnit = statistics.flatMap((other, s) =>
      OTHER_UNITS.includes(other) ? [] : [at(block, s, feature)],
    );
    return Math.hypot(...inUnit) / Math.sqrt(inUnit.length);
  });
}

/** What to measure each value of a sequence against; `names` are its columns, `<feature>_t<frame>`. */
export function sequenceScales(names: readonly string[], row: Float32Array): number[] {
  const stems = names.map((name) => name.replace(/_t\d+$/, ''));
  const tracks = new Map<string, number[]>();
  stems.forEach((stem, i) => {
    tracks.set(stem, [...(tracks.get(stem) ?? []), row[i] ?? Number.NaN]);
  });
  const rms = new Map([...tracks].map(([stem, x]) => [stem, Math.hypot(...x) / Math.sqrt(x.length)]));
  return stems.map((stem) => rms.get(stem) ?? Number.NaN);
}
