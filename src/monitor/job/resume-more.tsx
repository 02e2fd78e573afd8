import { useState } from 'react';
import { Icon } from '../layout/icon.tsx';

/** Goes on with a job that is complete: for that it needs more epochs. */
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
        Epochs in all
        <input name="epochs" type="number" min={epochs + 1} step={1} defaultValue={epochs * 2} required autoFocus />
      </label>
      <button className="button primary" disabled={isBusy}>
        Train on
      </button>
    </form>
  );
}
