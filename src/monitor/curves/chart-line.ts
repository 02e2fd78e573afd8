import type { Curve } from './curve.ts';

/** One line of a chart. */
export interface ChartLine {
  readonly label: string;
  /** A CSS colour. */
  readonly color: string;
  readonly isDashed?: boolean;
  readonly curve: Curve;
}
