import { useId } from 'react';

/** Maximum of GraphQL's `Int`. Narrower limits are those of the server. */
const MAX_WHOLE = 2_147_483_647;

interface FieldProperties {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  /** Takes the place of the hint. */
  readonly error: string | null;
  readonly defaultValue?: string | number | null | undefined;
  readonly placeholder?: string;
}

/** A number; empty for the default. */
export function NumberField({
  min,
  isWhole,
  ...properties
}: FieldProperties & { readonly min: number; readonly isWhole: boolean }) {
  return (
    <Field {...properties} type="number" min={min} {...(isWhole ? { step: '1', max: MAX_WHOLE } : { step: 'any' })} />
  );
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
