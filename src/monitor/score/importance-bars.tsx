import { formatNumber } from '../format/numbers.ts';
import type { Evaluation } from '../../client/evaluation.ts';

const SHOWN = 12;

/** The columns that the score depends on most. */
export function ImportanceBars({ importance }: { importance: NonNullable<Evaluation['importance']> }) {
  const shown = importance.flatMap(({ name, value }) => (value === null ? [] : [{ name, value }])).slice(0, SHOWN);
  const highest = shown[0]?.value ?? 0;
  if (shown.length === 0) return null;
  return (
    <section aria-labelledby="importance-title" className="evaluation-part">
      <h3 id="importance-title">Importance of columns</h3>
      <ol className="importance">
        {shown.map(({ name, value }) => (
          <li key={name}>
            <span className="importance-name" title={name}>
              {name}
            </span>
            <span className="importance-bar" aria-hidden="true">
              <span style={{ inlineSize: `${highest > 0 ? Math.max(0, value / highest) * 100 : 0}%` }} />
            </span>
            <span className="importance-value">{formatNumber(Number(value.toFixed(4)))}</span>
          </li>
        ))}
      </ol>
      <p className="hint">
        Decrease of the score when the values of a column are shuffled
        {importance.length > shown.length && `; the first ${shown.length} of ${importance.length} columns`}.
      </p>
    </section>
  );
}
