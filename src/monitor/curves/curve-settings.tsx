import { useId } from 'react';
import type { StepRange } from './curve.ts';

/** Display settings of charts. */
export interface CurveSettings {
  /** Weight of earlier values in the moving average, 0 to 0.99. */
  readonly smoothing: number;
  readonly isLog: boolean;
  /** Null shows all steps, including new ones. */
  readonly range: StepRange | null;
}

export const DEFAULT_CURVE_SETTINGS: CurveSettings = { smoothing: 0, isLog: false, range: null };

/** Controls for smoothing, scale and step range, for all charts of a page. */
export function CurveControls({
  settings,
  lastStep,
  onChange,
}: {
  settings: CurveSettings;
  lastStep: number;
  onChange: (settings: CurveSettings) => void;
}) {
  const id = useId();
  const { smoothing, isLog, range } = settings;
  const zoom = (next: Partial<StepRange>) => {
    const { from, to } = { from: range?.from ?? 0, to: range?.to ?? lastStep, ...next };
    if (from < to) onChange({ ...settings, range: { from, to } });
  };
  return (
    <div className="curve-controls" role="group" aria-label="Chart settings">
      <label className="curve-smoothing">
        Smoothing
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={smoothing}
          onChange={({ target }) => onChange({ ...settings, smoothing: target.valueAsNumber })}
        />
        <output htmlFor={id}>{smoothing.toFixed(2)}</output>
      </label>
      <label>
        <input type="checkbox" checked={isLog} onChange={() => onChange({ ...settings, isLog: !isLog })} />
        Log scale
      </label>
      <span className="curve-range">
        <span aria-hidden="true">Steps</span>
        <StepInput label="From step" value={range?.from ?? 0} onValue={(from) => zoom({ from })} />
        <span aria-hidden="true">–</span>
        <StepInput label="To step" value={range?.to ?? lastStep} onValue={(to) => zoom({ to })} />
        <button
          type="button"
          className="button small"
          disabled={range === null}
          onClick={() => onChange({ ...settings, range: null })}
        >
          Show all
        </button>
      </span>
    </div>
  );
}

function StepInput({ label, value, onValue }: { label: string; value: number; onValue: (value: number) => void }) {
  return (
    <label>
      <span className="visually-hidden">{label}</span>
      <input
        // A new key resets the uncontrolled input when the range changes by other means than typing.
        key={value}
        type="number"
        min="0"
        step="1"
        defaultValue={value}
        onBlur={({ target }) => {
          if (target.value !== '' && target.valueAsNumber !== value) onValue(target.valueAsNumber);
        }}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Enter') currentTarget.blur();
        }}
      />
    </label>
  );
}
