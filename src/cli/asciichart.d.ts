/** The package has no types of its own. */
declare module 'asciichart' {
  interface PlotOptions {
    /** Height in lines. */
    readonly height?: number;
    readonly format?: (value: number) => string;
    /** Colour sequences, one for each curve. */
    readonly colors?: readonly (string | undefined)[];
    readonly min?: number;
    readonly max?: number;
  }
  const asciichart: {
    /** Plots curves with one value for each column. Returns lines separated by line breaks. */
    plot(curves: readonly (readonly number[])[], options?: PlotOptions): string;
    readonly cyan: string;
    readonly yellow: string;
    readonly green: string;
    readonly magenta: string;
  };
  export default asciichart;
}
