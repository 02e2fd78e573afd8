import { useEffect, useState } from 'react';
import { chosenModel, measuredOn, metricName } from '../../client/score-words.ts';
import { formatCount } from '../format/numbers.ts';
import type { JobDetailFragment } from '../graphql/graphql.ts';
import { hasEnded } from '../jobs/status.tsx';
import { useSession } from '../live/session-context.ts';
import { ConfusionMatrix } from './confusion-matrix.tsx';
import type { Evaluation } from './evaluation.ts';
import { metricValue } from './format-score.ts';
import { ImportanceBars } from './importance-bars.tsx';
import { EvaluationDocument } from './operations.ts';
import { PredictionsPlot } from './predictions-plot.tsx';
import './score.css';

/** The quality of a job's model, the baseline, and the data that it was measured on. Empty before the first score. */
export function EvaluationCard({ job: { id, status, attempt, score } }: { job: JobDetailFragment }) {
  const session = useSession();
  const [evaluation, setEvaluation] = useState<Evaluation | null>(null);
  const part = score?.part;
  useEffect(() => {
    let isCurrent = true;
    session
      .query(EvaluationDocument, { id })
      .then(({ job }) => isCurrent && setEvaluation((job?.evaluation ?? null) as Evaluation | null))
      // The rest of the page shows that the server does not answer.
      .catch(() => undefined);
    return () => {
      isCurrent = false;
    };
    // A job is evaluated at its end, or when its score changes to another part of the data.
  }, [session, id, status, attempt, part]);
  if (score === null) return null;
  // While a resumed job trains on, its score so far is newer.
  const details = evaluation?.score === score.name && evaluation.part === score.part ? evaluation : null;
  const model = chosenModel(score.epoch, details?.chosenBy ?? null);
  return (
    <section className="card evaluation" aria-labelledby="evaluation-title">
      <h2 id="evaluation-title">{metricName(score.name)}</h2>
      <p className="evaluation-headline">
        <strong className={score.hardlyBetter ? 'score-poor' : ''}>
          {metricValue(score.name, score.value, score.unit)}
        </strong>
        {score.baseline !== null && (
          <span>
            {details?.baseline ? `always predicting the ${details.baseline}` : 'baseline'}:{' '}
            {metricValue(score.name, score.baseline, score.unit)}
          </span>
        )}
      </p>
      <p className="hint">
        Measured {measuredOn(score.part, score.rows, details?.folds ?? null)}.{model !== null && ` ${model}`}
        {score.step !== null &&
          ` It is the best value${hasEnded(status) ? '' : ' so far'}, at step ${formatCount(score.step)}.`}
      </p>
      {score.hardlyBetter && !details?.notes.length && (
        <p className="notice bad">The model is hardly better than the baseline.</p>
      )}
      {details?.notes.map((note) => (
        <p key={note} className={score.hardlyBetter ? 'notice bad' : 'notice'}>
          {note}
        </p>
      ))}
      {details && (
        <div className="evaluation-parts">
          <MetricsTable evaluation={details} />
          {details.confusion && <ConfusionMatrix {...details.confusion} />}
          {details.predictions && <PredictionsPlot {...details.predictions} />}
          {details.importance && <ImportanceBars importance={details.importance} />}
        </div>
      )}
    </section>
  );
}

function MetricsTable({ evaluation: { metrics, baseline } }: { evaluation: Evaluation }) {
  return (
    <section aria-labelledby="scores-title" className="evaluation-part">
      <h3 id="scores-title">Scores</h3>
      <table className="evaluation-scores">
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col">Model</th>
            {baseline !== null && <th scope="col">{baseline}</th>}
          </tr>
        </thead>
        <tbody>
          {metrics.map(({ name, value, unit, baseline: other }) => (
            <tr key={name}>
              <th scope="row">{metricName(name)}</th>
              <td>{metricValue(name, value, unit)}</td>
              {baseline !== null && <td>{metricValue(name, other, unit)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
