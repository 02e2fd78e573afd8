import { useId } from 'react';
import type { StartOptionsQuery } from '../graphql/graphql.ts';

type Trainer = StartOptionsQuery['trainers'][number];

const SOURCES: Readonly<Record<Trainer['source'], string>> = {
  SHIPPED: 'Included in Trainyard',
  FOLDER: 'Scripts in the folder of trainers',
  PACKAGE: 'From installed packages',
};

/** Selects a trainer, when there are several. An unavailable one can be selected too: the form then shows the reason. */
export function TrainerChoice({
  trainers,
  chosen,
  onChoose,
}: {
  trainers: readonly Trainer[];
  chosen: string;
  onChoose: (name: string) => void;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Trainer</label>
      <select id={id} value={chosen} onChange={({ target }) => onChoose(target.value)}>
        {Object.entries(SOURCES).map(([source, label]) => {
          const those = trainers.filter((trainer) => trainer.source === source);
          return (
            those.length > 0 && (
              <optgroup key={source} label={label}>
                {those.map((trainer) => (
                  <option key={trainer.name} value={trainer.name}>
                    {textOf(trainer)}
                  </option>
                ))}
              </optgroup>
            )
          );
        })}
      </select>
    </div>
  );
}

/** The name, which commands and the API use, and the title if it says more. */
function textOf({ name, title, available }: Trainer): string {
  return `${name}${title === name ? '' : ` – ${title}`}${available ? '' : ' (unavailable)'}`;
}
