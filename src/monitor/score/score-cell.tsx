import { baselineLabel, scoreLabel } from '../../client/score-words.ts';
import type { ScoreDetailFragment } from '../graphql/graphql.ts';
import { metricValue } from './format-score.ts';
import './score.css';

/** The score of a job in a table: value and baseline, metric and part. */
export function ScoreCell({ score }: { score: ScoreDetailFragment }) {
  return (
    <>
      <span className="score-line" title={score.hardlyBetter ? 'hardly better than the baseline' : undefined}>
        <span className={score.hardlyBetter ? 'score-poor' : ''}>
          {metricValue(score.name, score.value, score.unit)}
        </span>
        {score.baseline !== null && (
          <span className="job-sub">
            {baselineLabel(score)} {metricValue(score.name, score.baseline, score.unit)}
          </span>
        )}
      </span>
      <span className="job-sub">{scoreLabel(score)}</span>
    </>
  );
}
