import { useRef } from 'react';
import { type ReadOptions, usePreview } from '../datasets/use-preview.ts';
import { OptionField } from './option-field.tsx';
import { type OptionSchema, readOption } from './option-schema.ts';

/** The options of a training that say how its file is written. */
export const READ_OPTIONS: readonly string[] = ['encoding', 'header'];

type Schema = Readonly<Record<string, OptionSchema>>;

/** The fields for the options that say how a dataset is written. They open if it cannot be read without them. */
export function ReadFields({ dataset, options, ...fields }: { dataset: string; options: ReadOptions } & FieldsProps) {
  const preview = usePreview(dataset, options);
  const isUnread = preview.error !== undefined || preview.dataset?.preview === null;
  return (
    <details open={isUnread || options !== null}>
      <summary>Encoding and header of the file</summary>
      <ReadOptionFields {...fields} />
    </details>
  );
}

interface FieldsProps {
  readonly schema: Schema;
  /** Options of the job that serves as template. */
  readonly template?: unknown;
  readonly errorFor?: (field: string) => string | null;
  readonly onChange: (options: ReadOptions) => void;
}

/** The fields for the options that say how a file is written. */
export function ReadOptionFields({ schema, template, errorFor, onChange }: FieldsProps) {
  const fields = useRef<HTMLDivElement>(null);

  function update(): void {
    const chosen: Record<string, unknown> = {};
    for (const name of READ_OPTIONS) {
      const field = fields.current?.querySelector<HTMLInputElement | HTMLSelectElement>(`[name="option.${name}"]`);
      if (field && schema[name]) chosen[name] = valueOf(schema[name], field.value);
    }
    onChange(readOptionsOf(chosen));
  }

  return (
    // A line number is complete when its field loses the focus.
    <div
      ref={fields}
      className="start-fields"
      onBlur={update}
      onChange={({ target }) => target instanceof HTMLSelectElement && update()}
    >
      {READ_OPTIONS.map((name) => {
        const option = schema[name];
        return (
          option && (
            <OptionField
              key={name}
              name={name}
              schema={option}
              value={(template as Record<string, unknown> | undefined)?.[name]}
              error={errorFor?.(`option.${name}`) ?? null}
            />
          )
        );
      })}
    </div>
  );
}

/** Returns the options of a training that say how its file is written; null if it has none. */
export function readOptionsOf(options: unknown): ReadOptions {
  const given = Object.entries((options ?? {}) as Record<string, unknown>).filter(
    ([name, value]) => READ_OPTIONS.includes(name) && value != null,
  );
  return given.length === 0 ? null : Object.fromEntries(given);
}

function valueOf(schema: OptionSchema, text: string): unknown {
  try {
    return readOption(schema, text);
  } catch {
    return text; // the server says what is wrong
  }
}
