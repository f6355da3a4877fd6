// Under the instruction set of UNDERTONE_ISA: every front-end's features of degenerate input are finite.
//   node degenerate.mjs frontEnds.json      prints {instructionSet, compared, failures}
import { readFileSync } from 'node:fs';
import { describeBuild, FeaturePlan } from '@undertone/dsp-native';
import { DEGENERATE } from '../fixtures/degenerate.mjs';

/** None where the settings find the utterance too short, and say so. */
function valuesOf(plan, samples) {
  try {
    return plan.extract([samples])[0].values;
  } catch (error) {
    if (error.code === 'too_short') return new Float32Array(0);
    throw error;
  }
}

const failures = [];
let compared = 0;
for (const frontEnd of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  const plan = new FeaturePlan(frontEnd);
  for (const [name, samples] of Object.entries(DEGENERATE)) {
    const values = valuesOf(plan, samples);
    compared += values.length;
    const bad = values.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) failures.push({ name, column: plan.columnNames[bad % plan.columns], frontEnd });
  }
}
console.log(JSON.stringify({ instructionSet: describeBuild().instructionSet, compared, failures }));
