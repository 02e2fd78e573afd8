/** A bar of `width` characters, filled for `percent` (0-100, clamped) of it. */
export function progressBar(percent: number, width: number, { unicode }: { unicode: boolean }): string {
  const share = Math.min(100, Math.max(0, percent)) / 100;
  const filled = Math.floor(share * width);
  return (unicode ? '█' : '#').repeat(filled) + (unicode ? '░' : '-').repeat(width - filled);
}

/** One frame of a spinner, for work of unknown duration. @param tick counts up with each frame */
export function spinner(tick: number, { unicode }: { unicode: boolean }): string {
  const frames = unicode ? '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏' : '|/-\\';
  return frames[tick % frames.length] ?? '';
}
