// Models and their evaluations → the tables of models/README.md and the claims of README.md.
const percent = (share) => (share === null ? '–' : (100 * share).toFixed(1));
const measured = ({ value, ci95 }) => `${percent(value)}${ci95 ? ` (${ci95.map(percent).join('–')})` : ''}`;
const whole = (value) => Math.round(value).toLocaleString('en-US');
const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (headings, rows) => [row(headings), row(headings.map(() => '---')), ...rows.map(row)];

/** Corpora, and how many classes occur among their truths: UAR is a mean over these. */
const corporaOf = ({ corpora, classes, recording }) => {
  const heard = recording.perClass.filter(({ n }) => n > 0).length;
  return `${corpora.join(' + ')}, ${heard === classes.length ? heard : `${heard} of ${classes.length}`} classes`;
};
const splitOf = ({ split }) => (split === 'random-files' ? 'random-files (optimistic: same voices on both sides)' : split);
const titleOf = ({ card }) => `${card.name} ${card.version}`;

/** The whole road on one worker, and the graph alone. */
function speedOf({ speed }) {
  if (!speed) return '–';
  const { road, graph } = speed.timesRealTime;
  return `${whole(road.median)} (${whole(graph.median)})`;
}

/** One row an evaluation by recording; what is the model's own stands in its first row. */
export function overview(models) {
  const rows = models.flatMap((model) => {
    const { card, evaluations, kilobytes } = model;
    const { parameters } = card.training;
    const own = [
      ...[parameters === undefined ? '–' : whole(parameters), whole(kilobytes), speedOf(model)],
      card.licence.weights,
    ];
    const { sampleRateHz } = card.frontEnd;
    const name = [`**${titleOf(model)}**`, `${card.family}, ${whole(sampleRateHz)} Hz`];
    const judged = evaluations.map(({ metrics }) => {
      const { n, uar, accuracy, ece } = metrics.recording;
      return [corporaOf(metrics), splitOf(metrics), whole(n), measured(uar), measured(accuracy), percent(ece.after)];
    });
    const [first = ['not judged', ...Array(5).fill('–')], ...others] = judged;
    return [[...name, ...first, ...own], ...others.map((one) => ['', '', ...one, '', '', '', ''])];
  });
  const headings = ['model', 'input', 'corpora', 'split', 'n', 'UAR % (95 %)', 'accuracy % (95 %)', 'ECE %'];
  return table([...headings, 'parameters', 'kB', '× real time on one core (the model alone)', 'weights'], rows);
}

/** Rules, genders and coverage of every evaluation; the confusion of the most telling one. */
export function details(model) {
  const { card, evaluations, speed } = model;
  const [first] = evaluations;
  return [
    `### ${titleOf(model)}`,
    '',
    `${card.description}. Classes: ${card.classes.join(', ')}.`,
    '',
    ...evaluations.flatMap(evaluationLines),
    ...(speed ? [`- Speed: ${speedLine(speed)}`] : []),
    `- Weights: ${card.licence.weights}. ${card.licence.because}.`,
    ...(first ? ['', ...confusion(first)] : []),
    '',
  ];
}

function evaluationLines({ name, metrics }) {
  const { recording, window } = metrics;
  const groups = (kind) =>
    (recording.groups[kind] ?? []).map(({ group, n, uar }) => `${group} ${percent(uar.value)} (n ${n})`).join(', ');
  const coverage = recording.riskCoverage
    .filter((one) => [0.9, 0.8, 0.7, 0.5].includes(one.coverage))
    .map((one) => `${Math.round(100 * one.coverage)} % → ${percent(one.accuracy)}`);
  const folds = recording.groups.fold?.length > 1 ? [`  - UAR by fold: ${groups('fold')}.`] : [];
  return [
    `- **${name}**: ${metrics.rule}. By window UAR ${measured(window.uar)} (n ${whole(window.n)}); macro-F1 ${measured(recording.macroF1)}; ECE before → after temperature ${percent(recording.ece.before)} → ${percent(recording.ece.after)}.`,
    ...folds,
    `  - UAR by gender: ${groups('gender')}. Accuracy of the most confident share: ${coverage.join(', ')}.`,
    `  - Intervals: ${whole(metrics.intervals.draws)} draws of ${metrics.intervals.over}; ${metrics.speakers} speakers. Seeds: ${metrics.seeds.join(', ')}.`,
  ];
}

function confusion({ name, metrics: { classes, recording } }) {
  const rows = recording.perClass.map(({ class: truth, n, recall, precision }, i) => [
    ...[truth, ...recording.confusion[i], n],
    ...[measured(recall), measured(precision)],
  ]);
  return [
    `${name}, by recording; rows are truths, columns are labels:`,
    '',
    ...table(['truth', ...classes, 'n', 'recall %', 'precision %'], rows),
  ];
}

function speedLine({ timesRealTime: { road, graph }, machine, conditions }) {
  const spread = ({ median, min, max }) => `${whole(median)} (${whole(min)}–${whole(max)})`;
  return `the whole road ${spread(road)} × real time on one worker, the graph alone ${spread(graph)} × on one thread; ${conditions}; ${machine.cpu}.`;
}

/** Of the project's own models the README tells what new voices and other corpora may expect; the rest is in models/README.md. */
const TOLD = ['speaker-independent', 'cross-corpus'];

/** For the README: what the project's own models claim. */
export function mainClaims(models) {
  const own = models.filter(({ card }) => card.name.startsWith('undertone-'));
  const rows = own.flatMap((model) =>
    model.evaluations.filter(({ metrics }) => TOLD.includes(metrics.split)).map(({ metrics }) => {
      const { n, uar, accuracy } = metrics.recording;
      const judged = `${splitOf(metrics)}: ${metrics.rule}`;
      return [titleOf(model), corporaOf(metrics), judged, `${whole(n)} recordings`, measured(uar), measured(accuracy)];
    }),
  );
  const notes = own
    .filter(({ evaluations }) => evaluations.length > 0)
    .map((model) => {
      const [{ metrics }] = model.evaluations;
      const { groups, ece } = metrics.recording;
      const uars = (kind) => (groups[kind] ?? []).map(({ group, uar }) => `${group} ${percent(uar.value)}`).join(', ');
      const folds = groups.fold?.length > 1 ? `UAR by fold ${uars('fold')} %, by` : 'UAR by';
      return `${titleOf(model)}, ${corporaOf(metrics)}, ${metrics.split}: ${folds} gender ${uars('gender')} %; expected calibration error ${percent(ece.after)} %.`;
    });
  const headings = ['model', 'corpora', 'split', 'n', 'UAR % (95 %)', 'accuracy % (95 %)'];
  return [...table(headings, rows), '', ...notes, '', 'Every model, with what each figure is: [models/README.md](models/README.md), [docs/evaluation.md](docs/evaluation.md).'];
}
