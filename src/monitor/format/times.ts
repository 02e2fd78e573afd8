const STEPS = [
  [60, 's'],
  [60, 'min'],
  [24, 'h'],
  [30, 'd'],
] as const;

/** A duration such as `42 s`, `12 min`, `3 h 10 min`, `2 d 4 h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return minutes < 10 && whole % 60 > 0 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 > 0 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 > 0 && days < 10 ? `${days} d ${hours % 24} h` : `${days} d`;
}

/** A relative time: `just now`, `3 min ago`, and the date after 30 days. */
export function formatAgo(time: number, now: number): string {
  let amount = Math.max(0, (now - time) / 1000);
  // The clocks of the server and of this machine may differ by seconds.
  if (amount < 10) return 'just now';
  for (const [size, unit] of STEPS) {
    if (amount < size) return `${Math.floor(amount)} ${unit} ago`;
    amount /= size;
  }
  return new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}

/** A date with its time of day: `26 Nov 2026, 14:03:12`. */
export function formatDateTime(iso: string): string {
  return new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}

/** A time of day on a clock of 24 hours, as everywhere on the page: `14:03:12`. */
export function formatTime(time: string | number): string {
  return new Date(time).toLocaleTimeString('en-GB');
}
