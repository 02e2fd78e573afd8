import { type SubmitEvent, useId, useState } from 'react';
import { formatCount } from '../format/numbers.ts';
import type { PredictQuery } from '../graphql/graphql.ts';
import { useSession } from '../live/session-context.ts';
import { useAction } from '../live/use-action.ts';
import { PredictDocument } from './operations.ts';
import { PredictedValue } from './predicted-value.tsx';
import type { Model } from './model.ts';

type Success = Extract<PredictQuery['predict'], { __typename: 'PredictSuccess' }>;
type Input = Model['inputs'][number];

/** Fields that the form shows; a table of thousands of columns is for files. */
const SHOWN_INPUTS = 60;

/** A form with a field for each column of the model. It starts with typical values, so that one click predicts. */
export function PredictForm({ id, model }: { id: string; model: Model }) {
  const session = useSession();
  const [result, setResult] = useState<Success | null>(null);
  const shown = model.inputs.slice(0, SHOWN_INPUTS);
  const predict = useAction(async (form: HTMLFormElement) => {
    const row = rowOf(model, shown, new FormData(form));
    const { predict: answer } = await session.query(PredictDocument, { id, rows: [row] });
    setResult('predictions' in answer ? answer : null);
    return 'message' in answer ? answer.message : null;
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    predict.run(event.currentTarget);
  };
  return (
    <form onSubmit={submit} className="predict-form">
      <div className="predict-fields">
        {shown.map((input, index) => (
          <InputField key={input.name} input={input} field={`input.${index}`} />
        ))}
      </div>
      {model.inputCount > shown.length && (
        <p className="hint">
          {formatCount(model.inputCount - shown.length)} more columns count as missing. Predict a file to use all of
          them.
        </p>
      )}
      <button type="submit" className="button primary" disabled={predict.isBusy}>
        Predict
      </button>
      <div role="status" aria-label="Prediction">
        {predict.error === null && result?.predictions[0] && (
          <PredictedValue targets={model.targets} prediction={result.predictions[0]} warnings={result.warnings} />
        )}
      </div>
      {predict.error !== null && (
        <p className="error-text" role="alert">
          {predict.error}
        </p>
      )}
    </form>
  );
}

function InputField({ input: { name, kind, example, categories }, field }: { input: Input; field: string }) {
  const id = useId();
  const isChoice = categories.length > 0 && categories.length <= 50;
  return (
    <div className="field">
      <label htmlFor={id}>{name}</label>
      {isChoice ? (
        <select id={id} name={field} defaultValue={example ?? ''}>
          {categories.map((category) => (
            <option key={category}>{category}</option>
          ))}
          <option value="">(missing)</option>
        </select>
      ) : (
        <input
          id={id}
          name={field}
          type={kind === 'NUMBER' ? 'number' : 'text'}
          step="any"
          autoComplete="off"
          defaultValue={example ?? ''}
        />
      )}
    </div>
  );
}

/** The row to predict. An empty field, and a column without a field, is a missing value. */
function rowOf(model: Model, shown: readonly Input[], form: FormData): Record<string, unknown> {
  const valueOf = (kind: Input['kind'], index: number) => {
    const text = index < shown.length ? form.get(`input.${index}`) : null;
    if (typeof text !== 'string' || text === '') return null;
    // The field has a decimal point, also if the texts of the column have decimal commas.
    return kind === 'NUMBER' ? Number(text) : text;
  };
  return Object.fromEntries(model.inputs.map(({ name, kind }, index) => [name, valueOf(kind, index)]));
}
