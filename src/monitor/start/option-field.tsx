import { useId } from 'react';
import { writeOption } from '../../client/job-settings.ts';
import { optionKind, type OptionSchema } from './option-schema.ts';

/** Form field for a trainer option, built from its JSON Schema. */
export function OptionField({
  name,
  schema,
  value,
  isRequired = false,
  error,
}: {
  name: string;
  schema: OptionSchema;
  /** Value in the job that serves as template. */
  value: unknown;
  isRequired?: boolean;
  error: string | null;
}) {
  const id = useId();
  const preset = writeOption(schema.default);
  const shared = {
    id,
    name: `option.${name}`,
    'aria-required': isRequired,
    'aria-invalid': error !== null,
    'aria-describedby': `${id}-hint`,
  };
  const text = writeOption(value);
  const emptyText = isRequired ? '' : 'chosen by the trainer';
  return (
    <div className="field">
      <label htmlFor={id}>
        {titleOf(name)} {isRequired && <span className="hint">required</span>}
      </label>
      {control()}
      <span id={`${id}-hint`} className={error === null ? 'hint' : 'error-text'}>
        {error ?? schema.description}
      </span>
    </div>
  );

  function control() {
    const kind = optionKind(schema);
    switch (kind) {
      case 'CHOICE':
      case 'SWITCH':
        return (
          <select {...shared} defaultValue={text === preset ? '' : text}>
            <option value="">{preset === '' ? emptyText : `${preset} (default)`}</option>
            {(schema.enum ?? [true, false])
              .filter((choice) => choice !== null)
              .map(String)
              .filter((choice) => choice !== preset)
              .map((choice) => (
                <option key={choice}>{choice}</option>
              ))}
          </select>
        );
      case 'NUMBER':
      case 'WHOLE_NUMBER':
        return (
          <input
            {...shared}
            type="number"
            step={kind === 'NUMBER' ? 'any' : 1}
            min={schema.minimum ?? schema.exclusiveMinimum}
            max={schema.maximum ?? schema.exclusiveMaximum}
            placeholder={preset}
            defaultValue={text}
          />
        );
      case 'LIST':
      case 'TEXT':
      case 'JSON':
        return (
          <input
            {...shared}
            autoComplete="off"
            placeholder={schema.default === undefined ? emptyText : preset}
            defaultValue={text}
          />
        );
      default:
        return kind satisfies never;
    }
  }
}

/** `weight_decay` as `Weight decay`. */
function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
