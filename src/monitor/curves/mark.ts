/** A step to mark on a chart, with the reason. */
export interface Mark {
  readonly step: number;
  readonly label: string;
}
