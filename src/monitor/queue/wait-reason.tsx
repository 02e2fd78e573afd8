import { Link } from 'wouter';
import { formatDateTime } from '../format/times.ts';

/** Ids of jobs and times in the sentences of the server. */
const PARTS = /(job_\d+_[0-9a-f]{8}|\d{4}-\d\d-\d\dT[\d:.]+Z)/;

/** Why a job waits, as the server says it: with links to jobs, and times on the clock of this machine. */
export function WaitReason({ text }: { text: string | null }) {
  if (text === null) return 'It is about to start.';
  return text.split(PARTS).map((part, index) => {
    if (index % 2 === 0) return part;
    if (!part.startsWith('job_')) return formatDateTime(part);
    return (
      <Link key={index} href={`/jobs/${part}`}>
        {part}
      </Link>
    );
  });
}
