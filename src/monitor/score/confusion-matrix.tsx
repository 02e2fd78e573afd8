import { formatCount } from '../format/numbers.ts';
import type { Evaluation } from '../../client/evaluation.ts';

/** Actual classes as rows, predicted ones as columns. The shade is the share of the actual class. */
export function ConfusionMatrix({ labels, counts }: NonNullable<Evaluation['confusion']>) {
  return (
    <section aria-labelledby="confusion-title" className="evaluation-part">
      <h3 id="confusion-title">Confusion matrix</h3>
      <div className="confusion" role="group" aria-label="Counts" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">actual ↓ predicted →</th>
              {labels.map((label, index) => (
                <th key={index} scope="col" title={label}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {counts.map((row, actual) => {
              const total = row.reduce((sum, count) => sum + count, 0);
              return (
                <tr key={actual}>
                  <th scope="row" title={labels[actual]}>
                    {labels[actual]}
                  </th>
                  {row.map((count, predicted) => (
                    <td
                      key={predicted}
                      className={actual === predicted ? 'confusion-right' : 'confusion-wrong'}
                      style={{ ['--share' as string]: total > 0 ? count / total : 0 }}
                    >
                      {formatCount(count)}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
