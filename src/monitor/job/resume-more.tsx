import { useState } from 'react';
import { START_LIMITS } from '../../client/graphql/start-limits.ts';
import { Icon } from '../layout/icon.tsx';

const [, MAX_EPOCHS] = START_LIMITS.epochs;

/** Resumes a completed job with a larger total number of epochs. */
export function ResumeMore({
  epochs,
  isBusy,
  onResume,
}: {
  epochs: number;
  isBusy: boolean;
  onResume: (epochs: number) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  if (!isOpen) {
    return (
      <button type="button" className="button" onClick={() => setOpen(true)}>
        <Icon name="play" />
        Train longer
      </button>
    );
  }
  return (
    <form
      className="resume-more"
      onSubmit={(event) => {
        event.preventDefault();
        const value = Number(new FormData(event.currentTarget).get('epochs'));
        if (value > epochs) onResume(value);
      }}
    >
      <label>
        Total epochs
        <input
          name="epochs"
          type="number"
          min={epochs + 1}
          max={MAX_EPOCHS}
          step={1}
          defaultValue={Math.min(epochs * 2, MAX_EPOCHS)}
          required
          autoFocus
        />
      </label>
      <button className="button primary" disabled={isBusy}>
        Continue training
      </button>
    </form>
  );
}
