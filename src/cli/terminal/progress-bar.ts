/** A bar of `width` characters, filled for `percent` (0-100, clamped) of it. */
export function progressBar(percent: number, width: number, { unicode }: { unicode: boolean }): string {
  const share = Math.min(100, Math.max(0, percent)) / 100;
  const filled = Math.floor(share * width);
  return (unicode ? '█' : '#').repeat(filled) + (unicode ? '░' : '-').repeat(width - filled);
}

/** The picture for one moment of something that is under way without a known end; `tick` counts up. */
export function spinner(tick: number, { unicode }: { unicode: boolean }): string {
  const frames = unicode ? '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏' : '|/-\\';
  return frames[tick % frames.length] ?? '';
}
