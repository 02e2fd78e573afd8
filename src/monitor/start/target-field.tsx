import { useId } from 'react';
import { type ReadOptions, usePreview } from '../datasets/use-preview.ts';
import { formatNumber, formatPercent } from '../format/numbers.ts';
import type { PreviewOfDatasetQuery } from '../graphql/graphql.ts';
import type { OptionSchema } from './option-schema.ts';
import { OptionField } from './option-field.tsx';
import { EXACT_FIELD } from './read-form.ts';

type Column = NonNullable<NonNullable<PreviewOfDatasetQuery['dataset']>['preview']>['columns'][number];

/** The last entry of the list of columns; no column has this name. */
const TYPED = '\n';

/** Selects the column to predict among those of the dataset. Without a preview, or to name several columns, it is a text field. */
export function TargetField({
  dataset,
  options,
  chosen,
  schema,
  template,
  error,
  onChoose,
}: {
  dataset: string;
  /** How the file is written. */
  options: ReadOptions;
  /** Empty for the default; null if columns are typed. */
  chosen: string | null;
  schema: OptionSchema;
  /** The target of the job that serves as template. */
  template: unknown;
  error: string | null;
  onChoose: (target: string | null) => void;
}) {
  const id = useId();
  const preview = usePreview(dataset, options).dataset?.preview;
  if (!preview || chosen === null) {
    // A choice remains while another preview of the file loads.
    return <OptionField name="target" schema={schema} value={chosen || template} error={error} />;
  }
  const { columns, defaultTarget } = preview;
  const name = chosen === '' ? defaultTarget : chosen;
  const column = columns.find((each) => each.name === name);
  const problem = error ?? (column && problemOf(column));
  return (
    <div className="field">
      <label htmlFor={id}>Target</label>
      <select
        id={id}
        name="option.target"
        value={chosen}
        aria-invalid={problem != null}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => onChoose(target.value === TYPED ? null : target.value)}
      >
        <option value="">{defaultTarget === null ? 'choose a column' : `${defaultTarget} (default)`}</option>
        {chosen !== '' && !column && <option>{chosen}</option>}
        {columns.map((each) => (
          <option key={each.name} value={each.name}>
            {problemOf(each) === null ? each.name : `${each.name} (cannot be predicted)`}
          </option>
        ))}
        <option value={TYPED}>several columns…</option>
      </select>
      {/* Column names can contain commas. */}
      <input type="hidden" name={EXACT_FIELD} value="option.target" />
      <span id={`${id}-hint`} className={problem == null ? 'hint' : 'error-text'}>
        {problem ?? (column?.target ? describe(column.target) : 'Column to predict.')}
      </span>
    </div>
  );
}

/** Why a column cannot be a target; null if it can, or if the preview does not describe it. */
function problemOf({ target, kind, note }: Column): string | null {
  if (target !== null) return null;
  if (kind === 'DATE' || kind === 'TIME') return 'Cannot be predicted: dates and times cannot be targets.';
  return kind === 'UNUSABLE' ? `Cannot be predicted: ${note ?? 'not usable'}.` : null;
}

/** A number as the other numbers of the page. */
function amountText(text: string): string {
  const value = Number(text);
  return Number.isFinite(value) ? formatNumber(value) : text;
}

/** The task, and the baseline that a model has to beat. */
function describe({ task, baseline, baselineScore }: NonNullable<Column['target']>): string {
  return task === 'REGRESSION'
    ? `Regression. Always predicting the mean, ${amountText(baseline)}, has an RMSE of ${formatNumber(baselineScore)}.`
    : `Classification. Always predicting “${baseline}” is right for ${formatPercent(baselineScore)} of the rows.`;
}
