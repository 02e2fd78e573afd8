import { roundScore } from '../../client/score-words.ts';
import { formatNumber } from '../format/numbers.ts';

/** The value of a metric with its unit: `12.3 EUR`. */
export function metricValue(name: string, value: number | null, unit: string | null): string {
  if (value === null) return '–';
  const text = formatNumber(roundScore(name, value));
  return unit === null ? text : `${text} ${unit}`;
}
