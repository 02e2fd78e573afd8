import type { Capacity } from '../launchers/launcher.ts';
import type { Job } from '../job/types.ts';

/** How many jobs with GPUs may overtake one that waits for more GPUs than are free. */
const MAX_OVERTAKES = 8;

/** Decides which jobs wait and which have a slot: higher priority first, then first come. */
export interface Queue {
  /** Sets what can run at once; nothing is granted before. */
  setCapacity(capacity: Capacity): void;
  /** Adds a job behind those of its priority. One that was granted a slot, and could not be launched, gets its old place again. */
  add(job: Job): void;
  /** Removes a job from the queue, or frees its slot and GPUs. */
  leave(jobId: string): void;
  /** Gives a job that an earlier server launched the slot and GPUs that it uses. */
  adopt(job: Job): void;
  /** From 1; null if the job is not waiting. */
  position(jobId: string): number | null;
  readonly waiting: number;
  readonly freeSlots: number;
  /** The number of slots in use. */
  readonly running: number;
  /** Takes the next job that fits out of the queue and gives it a slot; undefined if none fits. */
  grant(): string | undefined;
}

interface Entry {
  readonly jobId: string;
  readonly priority: number;
  readonly arrival: number;
  readonly gpus: number;
  overtaken: number;
}

export function createQueue(): Queue {
  const line: Entry[] = [];
  const granted = new Map<string, Entry>();
  let arrivals = 0;
  let slots = 0;
  let gpus = 0;

  function entryOf({ id, request }: Job): Entry {
    return { jobId: id, priority: request.priority, arrival: arrivals++, gpus: request.gpus ?? 0, overtaken: 0 };
  }

  function insert(entry: Entry): void {
    const isAhead = (other: Entry) =>
      other.priority !== entry.priority ? other.priority > entry.priority : other.arrival < entry.arrival;
    line.splice(line.findLastIndex(isAhead) + 1, 0, entry);
  }

  const freeGpus = () => [...granted.values()].reduce((free, entry) => free - entry.gpus, gpus);

  return {
    setCapacity(capacity) {
      [slots, gpus] = capacity === 'EXTERNAL' ? [Infinity, Infinity] : [capacity.slots, capacity.gpus];
    },
    add(job) {
      const entry = granted.get(job.id) ?? entryOf(job);
      granted.delete(job.id);
      insert(entry);
    },
    leave(jobId) {
      granted.delete(jobId);
      const index = line.findIndex((entry) => entry.jobId === jobId);
      if (index !== -1) line.splice(index, 1);
    },
    adopt(job) {
      granted.set(job.id, entryOf(job));
    },
    position(jobId) {
      const index = line.findIndex((entry) => entry.jobId === jobId);
      return index === -1 ? null : index + 1;
    },
    get waiting() {
      return line.length;
    },
    get freeSlots() {
      return Math.max(0, slots - granted.size);
    },
    get running() {
      return granted.size;
    },
    grant() {
      if (granted.size >= slots) return undefined;
      const free = freeGpus();
      const passed: Entry[] = [];
      for (const [index, entry] of line.entries()) {
        // A job that needs no GPU takes nothing from those that wait for one: it may always pass.
        const heldBack = entry.gpus > 0 && passed.some(({ overtaken }) => overtaken >= MAX_OVERTAKES);
        if (entry.gpus > Math.max(0, free) || heldBack) {
          if (entry.gpus > 0) passed.push(entry);
          continue;
        }
        if (entry.gpus > 0) for (const other of passed) other.overtaken += 1;
        line.splice(index, 1);
        granted.set(entry.jobId, entry);
        return entry.jobId;
      }
      return undefined;
    },
  };
}
