import { useId } from 'react';
import { START_LIMITS } from '../../client/graphql/start-limits.ts';

/** The fields of a start that are numbers. */
export type NumberName = keyof typeof START_LIMITS;

/** The numbers that need not be whole. */
const DECIMALS: ReadonlySet<string> = new Set<NumberName>(['learningRate', 'timeLimitSeconds', 'stallLimitSeconds']);

interface FieldProperties {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  /** Takes the place of the hint. */
  readonly error: string | null;
  readonly defaultValue?: string | number | null | undefined;
  readonly placeholder?: string;
}

/** A number with the bounds of the server; empty for the default. */
export function NumberField(properties: FieldProperties & { readonly name: NumberName }) {
  const [min, max] = START_LIMITS[properties.name];
  return <Field {...properties} type="number" min={min} max={max} step={DECIMALS.has(properties.name) ? 'any' : '1'} />;
}

/** A text field with its label and a hint. */
export function Field({
  name,
  label,
  hint,
  error,
  defaultValue,
  ...input
}: FieldProperties & {
  readonly type?: 'number' | 'datetime-local';
  readonly step?: string;
  readonly min?: number;
  readonly max?: number;
  readonly maxLength?: number;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        {...input}
        id={id}
        name={name}
        autoComplete="off"
        defaultValue={defaultValue ?? ''}
        aria-invalid={error !== null}
        aria-describedby={`${id}-hint`}
      />
      <span id={`${id}-hint`} className={error === null ? 'hint' : 'error-text'}>
        {error ?? hint}
      </span>
    </div>
  );
}
