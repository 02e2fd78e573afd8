import type { JobTemplateFragment, StartOptionsQuery } from '../graphql/graphql.ts';
import { OptionField } from './option-field.tsx';
import { optionSchemas, requiredOptions } from './option-schema.ts';

/** The options of a trainer, except those that have their fields elsewhere in the form. */
export function TrainerOptions({
  trainer,
  template,
  except,
  errorFor,
}: {
  trainer: StartOptionsQuery['trainers'][number];
  template: JobTemplateFragment | null;
  except: readonly string[];
  errorFor: (field: string) => string | null;
}) {
  const options = Object.entries(optionSchemas(trainer.options)).filter(([name]) => !except.includes(name));
  const required = requiredOptions(trainer.options);
  const earlier = template?.options as Readonly<Record<string, unknown>> | undefined;
  if (options.length === 0) return null;
  return (
    // The options of a script are what it needs; those of a shipped trainer have good defaults.
    <details open={trainer.source !== 'SHIPPED'}>
      <summary>Trainer options</summary>
      <div className="start-fields">
        {options.map(([name, option]) => (
          <OptionField
            key={name}
            name={name}
            schema={option}
            value={earlier?.[name]}
            isRequired={required.has(name)}
            error={errorFor(`option.${name}`)}
          />
        ))}
      </div>
    </details>
  );
}
