import { useTimeText } from '../live/use-time-text.ts';
import { formatAgo, formatDateTime } from './times.ts';

/** A relative time such as `3 min ago`. A tooltip shows the date and time. */
export function TimeAgo({ time }: { time: string }) {
  const at = Date.parse(time);
  const text = useTimeText((now) => formatAgo(at, now));
  return (
    <time dateTime={time} title={formatDateTime(time)}>
      {text}
    </time>
  );
}
