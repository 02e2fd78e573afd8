/** The parts of `Job.evaluation` that commands print: see docs/metrics.md. The server has validated it. */
export interface Evaluation {
  readonly score: string;
  readonly part: string;
  readonly folds: number | null;
  readonly chosenBy: string | null;
  readonly baseline: string | null;
  readonly metrics: readonly {
    readonly name: string;
    readonly value: number | null;
    readonly unit: string | null;
    readonly baseline: number | null;
  }[];
  readonly confusion: { readonly labels: readonly string[]; readonly counts: readonly (readonly number[])[] } | null;
  readonly importance: readonly { readonly name: string; readonly value: number | null }[] | null;
  readonly notes: readonly string[];
}
