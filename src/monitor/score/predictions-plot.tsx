import { formatBound } from '../format/numbers.ts';
import type { Evaluation } from '../../client/evaluation.ts';

/** Width and height of the drawing, in its own units. */
const SIZE = 200;

/** Predicted against actual values. Points on the diagonal are predicted exactly. */
export function PredictionsPlot({ actual, predicted }: NonNullable<Evaluation['predictions']>) {
  const points = actual.flatMap((value, index) => {
    const other = predicted[index];
    return value !== null && other != null ? [[value, other] as const] : [];
  });
  if (points.length === 0) return null;
  const numbers = points.flat();
  const lowest = numbers.reduce((a, b) => Math.min(a, b));
  const highest = numbers.reduce((a, b) => Math.max(a, b));
  const place = (value: number) => (highest > lowest ? ((value - lowest) / (highest - lowest)) * SIZE : SIZE / 2);
  return (
    <section aria-labelledby="predictions-title" className="evaluation-part">
      <h3 id="predictions-title">Predicted against actual</h3>
      <svg
        viewBox={`-8 -8 ${SIZE + 16} ${SIZE + 16}`}
        className="predictions"
        role="img"
        aria-label={`Predicted against actual values of ${points.length} rows, from ${formatBound(lowest)} to ${formatBound(highest)}`}
      >
        <path d={`M0 ${SIZE}L${SIZE} 0`} className="predictions-exact" />
        {points.map(([x, y], index) => (
          <circle key={index} cx={place(x)} cy={SIZE - place(y)} r="2" />
        ))}
      </svg>
      <p className="hint">
        Horizontal: actual values; vertical: predicted values, both from {formatBound(lowest)} to {formatBound(highest)}
        . Points on the line are exact.
      </p>
    </section>
  );
}
