import type { StartOptionsQuery } from '../graphql/graphql.ts';

/** Selects a trainer, when there are several. */
export function TrainerChoice({
  trainers,
  chosen,
  onChoose,
}: {
  trainers: StartOptionsQuery['trainers'];
  chosen: string;
  onChoose: (name: string) => void;
}) {
  return (
    <label className="field">
      <span>Trainer</span>
      <select value={chosen} onChange={({ target }) => onChoose(target.value)}>
        {trainers.map(({ name, title, available }) => (
          <option key={name} value={name} disabled={!available}>
            {title}
            {available ? '' : ' (unavailable)'}
          </option>
        ))}
      </select>
    </label>
  );
}
