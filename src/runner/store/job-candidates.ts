import { JOB_STATUSES, type JobStatus } from '../job/status.ts';
import type { Job } from '../job/types.ts';
import { type Bitmap, createBitmap, intersect, unite } from './bitmap.ts';
import { matcherOf, searchableTexts } from './job-filter.ts';
import type { JobFilter } from './job-query.ts';
import { createTextSignatures } from './text-signatures.ts';

/**
 * Narrows down which jobs may match a filter. The caller tests the remaining jobs: this only reduces their number, and makes the test of
 * texts cheap.
 */
export interface JobCandidates {
  /** Adds the job in this slot, or replaces the one that was there. */
  set(slot: number, job: Job, previous: Job | undefined): void;
  /** Adds a job that is not read yet: filters with more conditions than its status do not find it. */
  setStatus(slot: number, status: JobStatus): void;
  delete(slot: number, job: Job): void;
  /** A bitmap of the slots whose jobs may match; null if that can be any job. */
  of(filter: JobFilter): Uint32Array | null;
  /** A test whether the job in a slot matches. */
  matcherOf(filter: JobFilter, jobAt: (slot: number) => Job): (slot: number) => boolean;
}

/** Separates the texts of a job in one text. Not a character; a filter may still contain it. */
const SEPARATOR = '\uffff';

export function createJobCandidates(): JobCandidates {
  const signatures = createTextSignatures();
  /** By slot: what the condition `text` searches, in lower case. */
  const texts: string[] = [];
  const all = createBitmap();
  const byStatus = Object.fromEntries(JOB_STATUSES.map((status) => [status, createBitmap()])) as Record<
    JobStatus,
    Bitmap
  >;

  function anyStatus(statuses: readonly JobStatus[]): Uint32Array {
    const found = new Uint32Array(all.words.length);
    for (const status of statuses) unite(found, byStatus[status].words);
    return found;
  }

  function anyTag(tags: readonly string[]): Uint32Array {
    const found = new Uint32Array(all.words.length);
    for (const tag of tags) {
      const slots = all.words.slice();
      signatures.narrow(slots, tag.toLowerCase());
      unite(found, slots);
    }
    return found;
  }

  return {
    set(slot, job, previous) {
      all.add(slot);
      if (previous) byStatus[previous.state.status].delete(slot);
      byStatus[job.state.status].add(slot);
      if (previous?.request === job.request && previous.notes === job.notes) return;
      const parts = searchableTexts(job).flatMap((text) => text?.toLowerCase() ?? []);
      texts[slot] = parts.join(SEPARATOR);
      signatures.set(slot, [...parts, job.request.trainer.toLowerCase()]);
    },
    setStatus(slot, status) {
      all.add(slot);
      byStatus[status].add(slot);
    },
    delete(slot, job) {
      all.delete(slot);
      byStatus[job.state.status].delete(slot);
      texts[slot] = '';
    },
    of(filter) {
      const { status, tags, allTags, text, name, dataset, trainer } = filter;
      const parts = [text, name, dataset, trainer, ...(allTags ?? [])].filter((part) => part != null);
      if (status == null && tags == null && parts.length === 0) return null;
      const found = status == null ? all.words.slice() : anyStatus(status);
      for (const part of parts) signatures.narrow(found, part.toLowerCase());
      if (tags != null) intersect(found, anyTag(tags));
      return found;
    },
    matcherOf(filter, jobAt) {
      const text = filter.text?.toLowerCase();
      if (text === undefined || text.includes(SEPARATOR)) {
        const matches = matcherOf(filter);
        return (slot) => matches(jobAt(slot));
      }
      const matchesRest = matcherOf({ ...filter, text: null });
      return (slot) => (texts[slot]?.includes(text) ?? false) && matchesRest(jobAt(slot));
    },
  };
}
