/** The prediction for one row: a value with its target, and the most probable classes. */
export function PredictedValue({
  targets,
  prediction: { value, probabilities },
  warnings,
}: {
  targets: readonly string[];
  prediction: { readonly value: unknown; readonly probabilities: unknown };
  warnings: readonly string[];
}) {
  return (
    <>
      <dl className="predicted">
        {valuesOf(targets, value).map(([target, text]) => (
          <div key={target}>
            <dt>{target}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {probabilities !== null && <Probabilities probabilities={probabilities as Record<string, number>} />}
      {warnings.map((warning) => (
        <p key={warning} className="hint">
          {warning}
        </p>
      ))}
    </>
  );
}

/** Classes to list: the others are less probable than these. */
const SHOWN_CLASSES = 10;

function Probabilities({ probabilities }: { probabilities: Readonly<Record<string, number>> }) {
  const sorted = Object.entries(probabilities).sort(([, a], [, b]) => b - a);
  return (
    <ul className="probabilities" aria-label="Probabilities">
      {sorted.slice(0, SHOWN_CLASSES).map(([name, probability]) => (
        <li key={name}>
          <span>{name}</span>
          <meter value={probability} aria-label={`Probability of ${name}`} />
          <span>{(probability * 100).toFixed(1)}%</span>
        </li>
      ))}
    </ul>
  );
}

function valuesOf(targets: readonly string[], value: unknown): readonly (readonly [string, string])[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([target, each]) => [target, String(each)] as const);
  }
  return [[targets[0] ?? 'Prediction', String(value)]];
}
