import { goalOf, directionWord, wordsOf } from './metric-direction.ts';
import type { StatusReport } from './reports.ts';
import type { Score, ScorePart } from './score.ts';
import type { BestValue } from './types.ts';

/** Of several metrics of the same part, the first one here is the score. */
const PREFERRED = [
  ...['accuracy', 'acc', 'f1', 'auc', 'auroc', 'r2', 'dice', 'iou', 'miou', 'map', 'bleu', 'score', 'reward'],
  ...['wer', 'cer', 'rmse', 'mae', 'mse', 'error', 'perplexity', 'ppl', 'loss', 'nll'],
];
const PART_WORDS: readonly (readonly [ScorePart, ReadonlySet<string>])[] = [
  ['TEST', new Set(['test', 'testing', 'heldout', 'holdout'])],
  ['VALIDATION', new Set(['val', 'valid', 'validation', 'dev', 'eval', 'evaluation'])],
];

/** The score of a job after a status report: the one that its trainer reports, or else the one that the names of its metrics suggest. */
export function nextScore(
  before: Score | null,
  report: Pick<StatusReport, 'score' | 'goals'>,
  best: Readonly<Record<string, BestValue>>,
): Score | null {
  if (report.score) {
    return { ...report.score, goal: report.score.goal ?? goalOf(report.score.name, report.goals), step: null };
  }
  // A score that the trainer reported in an earlier attempt stays until the trainer reports another one.
  return before && before.step === null ? before : suggestedScore(best);
}

/** The best value of the metric with the preferred name: test before validation, accuracy before loss. Null without one. */
export function suggestedScore(best: Readonly<Record<string, BestValue>>): Score | null {
  let chosen: { rank: number; name: string; value: BestValue } | undefined;
  for (const [name, value] of Object.entries(best)) {
    const rank = rankOf(name);
    if (rank === null || (chosen && (rank > chosen.rank || (rank === chosen.rank && name >= chosen.name)))) continue;
    chosen = { rank, name, value };
  }
  if (!chosen) return null;
  const { name, value } = chosen;
  return {
    name,
    value: value.value,
    goal: value.goal ?? goalOf(name),
    baseline: null,
    part: partOf(name),
    epoch: null,
    step: value.step,
    rows: null,
    unit: null,
  };
}

/** Lower is better; null if the name does not say that it measures a model. */
function rankOf(name: string): number | null {
  const word = directionWord(name);
  const preference = word === null ? -1 : PREFERRED.indexOf(word);
  if (preference < 0) return null;
  return { TEST: 0, CROSS_VALIDATION: 0, VALIDATION: 1, TRAINING: 2 }[partOf(name)] * PREFERRED.length + preference;
}

function partOf(name: string): ScorePart {
  const words = wordsOf(name.toLowerCase());
  return PART_WORDS.find(([, those]) => words.some((word) => those.has(word)))?.[0] ?? 'TRAINING';
}
