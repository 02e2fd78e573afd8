import { useTimeText } from '../live/clock.ts';
import { formatAgo, formatMoment } from './times.ts';

/** How long ago something was; hovering tells when. */
export function Ago({ time }: { time: string }) {
  const at = Date.parse(time);
  const text = useTimeText((now) => formatAgo(at, now));
  return (
    <time dateTime={time} title={formatMoment(time)}>
      {text}
    </time>
  );
}
