import { useEffect, useState } from 'react';
import {
  bestStep,
  chosenModel,
  comparedWith,
  detailsOf,
  measuredOn,
  metricName,
  warningsOf,
} from '../../client/score-words.ts';
import { hasEnded } from '../../client/job-progress.ts';
import type { JobDetailFragment } from '../graphql/graphql.ts';
import { useSession } from '../live/session-context.ts';
import { ConfusionMatrix } from './confusion-matrix.tsx';
import type { Evaluation } from '../../client/evaluation.ts';
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
  const details = detailsOf(score, evaluation);
  const sentences = [
    `Measured ${measuredOn(score.part, score.rows, details?.folds ?? null)}.`,
    chosenModel(score.epoch, details?.chosenBy ?? null),
    bestStep(score.step, hasEnded(status)),
  ];
  return (
    <section className="card evaluation" aria-labelledby="evaluation-title">
      <h2 id="evaluation-title">{metricName(score.name)}</h2>
      <p className="evaluation-headline">
        <strong className={score.hardlyBetter ? 'score-poor' : ''}>
          {metricValue(score.name, score.value, score.unit)}
        </strong>
        {score.baseline !== null && (
          <span>
            {comparedWith(details)}: {metricValue(score.name, score.baseline, score.unit)}
          </span>
        )}
      </p>
      <p className="hint">{sentences.filter((sentence) => sentence !== null).join(' ')}</p>
      {warningsOf(score, details).map((warning) => (
        <p key={warning} className={score.hardlyBetter ? 'notice bad' : 'notice'}>
          {warning}
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
