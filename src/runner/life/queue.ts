import type { Job } from '../job/job.ts';
import type { LiveJob } from './attempt-runtime.ts';

/** So often may jobs with GPUs go past one that waits for more GPUs than are free; then they wait behind it. */
const MOST_OVERTAKES = 8;

/** What a job may use while its processes live. */
export interface Grant {
  readonly live: LiveJob;
  /** GPUs that it has to itself, as CUDA_VISIBLE_DEVICES names them. */
  readonly gpuDevices: readonly string[];
}

/** Which jobs wait, and which have the slots and GPUs: priority first, then first come. */
export interface Queue {
  /** A job without a place joins behind those of its priority; one that had a place (and could not be launched) gets it again. */
  add(live: LiveJob, job: Job): void;
  /** Takes a job out of the line, or gives back what it was granted. */
  leave(live: LiveJob): void;
  /** Grants a running job what it has already: it was started by the last server. */
  adopt(live: LiveJob, gpuDevices: readonly string[]): void;
  /** From 1; null when it does not wait. */
  position(id: string): number | null;
  readonly waiting: number;
  readonly freeSlots: number;
  /** How many slots are taken. */
  readonly running: number;
  /** The next job that fits, taken out of the line; undefined when none does. */
  grant(): Grant | undefined;
}

interface Place {
  readonly live: LiveJob;
  readonly priority: number;
  readonly arrival: number;
  readonly gpus: number;
  overtaken: number;
}

/** An empty queue before `slots` slots and these GPUs. */
export function createQueue(slots: number, gpus: readonly string[]): Queue {
  const line: Place[] = [];
  const granted = new Map<LiveJob, { place: Place | undefined; devices: readonly string[] }>();
  let arrivals = 0;

  function freeDevices(): string[] {
    const leased = new Set([...granted.values()].flatMap(({ devices }) => devices));
    return gpus.filter((device) => !leased.has(device));
  }

  function insert(place: Place): void {
    const before = (other: Place) =>
      other.priority !== place.priority ? other.priority > place.priority : other.arrival < place.arrival;
    line.splice(line.findLastIndex(before) + 1, 0, place);
  }

  return {
    add(live, job) {
      const { priority, gpus: wanted } = job.request;
      const place = granted.get(live)?.place ?? {
        live,
        priority,
        arrival: arrivals++,
        gpus: wanted ?? 0,
        overtaken: 0,
      };
      granted.delete(live);
      insert(place);
    },
    leave(live) {
      granted.delete(live);
      const index = line.findIndex((place) => place.live === live);
      if (index !== -1) line.splice(index, 1);
    },
    adopt(live, devices) {
      granted.set(live, { place: undefined, devices });
    },
    position(id) {
      const index = line.findIndex((place) => place.live.id === id);
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
      const free = freeDevices();
      const passed: Place[] = [];
      for (const [index, place] of line.entries()) {
        // A job that needs no GPU takes nothing from those that wait for one: it may always pass.
        const heldBack = place.gpus > 0 && passed.some(({ overtaken }) => overtaken >= MOST_OVERTAKES);
        if (place.gpus > free.length || heldBack) {
          if (place.gpus > 0) passed.push(place);
          continue;
        }
        if (place.gpus > 0) for (const other of passed) other.overtaken += 1;
        line.splice(index, 1);
        const devices = free.slice(0, place.gpus);
        granted.set(place.live, { place, devices });
        return { live: place.live, gpuDevices: devices };
      }
      return undefined;
    },
  };
}
