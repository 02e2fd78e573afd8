/** The package has no types of its own. */
declare module 'asciichart' {
  interface PlotOptions {
    /** Lines. */
    readonly height?: number;
    readonly format?: (value: number) => string;
    /** Control sequences, one a curve. */
    readonly colors?: readonly (string | undefined)[];
    readonly min?: number;
    readonly max?: number;
  }
  const asciichart: {
    /** A chart of curves, which all have a value a column: its lines between line breaks. */
    plot(curves: readonly (readonly number[])[], options?: PlotOptions): string;
    readonly cyan: string;
    readonly yellow: string;
    readonly green: string;
    readonly magenta: string;
  };
  export default asciichart;
}
