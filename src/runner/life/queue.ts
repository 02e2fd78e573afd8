import type { Capacity } from '../launchers/launcher.ts';
import { type GroupSettings, OPEN_GROUP } from '../job/group.ts';
import { nextStart } from '../job/next-start.ts';
import { compareQueuePlaces, placeBetween, type QueuePlace } from '../job/queue-order.ts';
import type { Job } from '../job/types.ts';
import { waitReason } from '../job/wait-reason.ts';
import { createSortedList, type SortedList } from '../sorted-list.ts';

/**
 * Decides which jobs wait and which have a slot. Jobs that only wait for a slot and GPUs stand in lanes: one for each group and number of
 * GPUs. The first job of a lane decides for all jobs behind it, so the cost does not depend on the length of the queue.
 */
export interface Queue {
  /** Sets what can run at once; nothing is granted before. */
  setCapacity(capacity: Capacity): void;
  /** A paused queue grants nothing. */
  setPaused(isPaused: boolean): void;
  setGroup(name: string, settings: GroupSettings): void;
  /** The place for the next job that joins the queue: behind all others of its priority. */
  nextPlace(): number;
  /** Adds a waiting job, or brings it up to date. One that was granted a slot, and could not be launched, waits again. */
  add(job: Job): void;
  /** Removes a job from the queue, or frees its slot and GPUs. */
  leave(jobId: string): void;
  /** Gives a job that an earlier server launched the slot and GPUs that it uses. */
  adopt(job: Job): void;
  /** From 1; null if the job is not waiting. */
  position(jobId: string): number | null;
  /** The place that puts a job next to a waiting one; undefined if no number is left there: the others must then get new places. */
  placeNextTo(jobId: string, side: 'AHEAD' | 'BEHIND', moved: string): number | undefined;
  /** Why a waiting job does not start, as a sentence; null if it is about to, or if it does not wait. */
  waitingFor(job: Job): string | null;
  /** The waiting jobs, in order. */
  readonly line: readonly QueuePlace[];
  readonly waiting: number;
  readonly freeSlots: number;
  /** The number of slots in use. */
  readonly running: number;
  readonly isPaused: boolean;
  /** Each group that has settings or jobs in the queue or in slots. */
  groups(): readonly GroupState[];
  /**
   * Takes the next job that may start out of the queue and gives it a slot; undefined if there is none.
   * @param now Unix ms
   */
  grant(now?: number): string | undefined;
}

/** A group as it is now. */
export interface GroupState extends GroupSettings {
  readonly name: string;
  readonly running: number;
  readonly waiting: number;
}

interface Entry extends QueuePlace {
  readonly group: string | null;
  readonly gpus: number;
  readonly notBefore: number;
  readonly hasUnmet: boolean;
  /** Whether it stands in a lane. */
  isReady: boolean;
  overtaken: number;
}

interface Lane {
  readonly group: string | null;
  readonly entries: SortedList<Entry>;
}

export function createQueue(): Queue {
  const waiting = new Map<string, Entry>();
  const granted = new Map<string, Entry>();
  const line = createSortedList<Entry>(compareQueuePlaces);
  const lanes = new Map<string, Lane>();
  /** Jobs that only wait for their time. */
  const timed = createSortedList<Entry>((a, b) => a.notBefore - b.notBefore || compareQueuePlaces(a, b));
  const groups = new Map<string, GroupSettings>();
  const runningOf = new Map<string, number>();
  const waitingOf = new Map<string, number>();
  let lastPlace = 0;
  let isPaused = false;
  let slots = 0;
  let gpus = 0;
  let gpusInUse = 0;

  function entryOf({ id, request, place, unmet }: Job): Entry {
    const { priority, group } = request;
    lastPlace = Math.max(lastPlace, Math.ceil(place));
    return {
      jobId: id,
      priority,
      place,
      group,
      gpus: request.gpus ?? 0,
      notBefore: request.notBefore ?? -Infinity,
      hasUnmet: unmet.length > 0,
      isReady: false,
      overtaken: 0,
    };
  }

  function makeReady(entry: Entry): void {
    const key = laneOf(entry);
    const lane = lanes.get(key) ?? { group: entry.group, entries: createSortedList<Entry>(compareQueuePlaces) };
    lanes.set(key, lane);
    lane.entries.add(entry);
    entry.isReady = true;
  }

  function insert(entry: Entry): void {
    waiting.set(entry.jobId, entry);
    line.add(entry);
    count(waitingOf, entry.group, 1);
    if (!entry.hasUnmet) timed.add(entry);
  }

  function remove(entry: Entry): void {
    waiting.delete(entry.jobId);
    line.remove(entry);
    count(waitingOf, entry.group, -1);
    timed.remove(entry);
    if (!entry.isReady) return;
    const key = laneOf(entry);
    const lane = lanes.get(key);
    lane?.entries.remove(entry);
    if (lane?.entries.length === 0) lanes.delete(key);
    entry.isReady = false;
  }

  function occupy(entry: Entry): void {
    granted.set(entry.jobId, entry);
    gpusInUse += entry.gpus;
    count(runningOf, entry.group, 1);
  }

  function vacate(entry: Entry): void {
    granted.delete(entry.jobId);
    gpusInUse -= entry.gpus;
    count(runningOf, entry.group, -1);
  }

  /** Moves jobs whose time has come into their lanes. */
  function passTime(now: number): void {
    for (let first = timed.at(0); first !== undefined && first.notBefore <= now; first = timed.at(0)) {
      timed.remove(first);
      makeReady(first);
    }
  }

  function isOpen(group: string | null): boolean {
    if (group === null) return true;
    const { isPaused: groupIsPaused, limit } = groups.get(group) ?? OPEN_GROUP;
    return !groupIsPaused && (limit === null || (runningOf.get(group) ?? 0) < limit);
  }

  /** The first of each lane that may start now, in order. */
  function heads(): Entry[] {
    const found: Entry[] = [];
    for (const { group, entries } of lanes.values()) {
      const head = entries.at(0);
      if (head && isOpen(group)) found.push(head);
    }
    return found.sort(compareQueuePlaces);
  }

  const freeGpus = () => gpus - gpusInUse;
  const freeSlots = () => Math.max(0, slots - granted.size);

  return {
    setCapacity(capacity) {
      [slots, gpus] = capacity === 'EXTERNAL' ? [Infinity, Infinity] : [capacity.slots, capacity.gpus];
    },
    setPaused(paused) {
      isPaused = paused;
    },
    setGroup(name, settings) {
      if (settings.isPaused || settings.limit !== null) groups.set(name, settings);
      else groups.delete(name);
    },
    nextPlace: () => (lastPlace += 1),
    add(job) {
      const before = waiting.get(job.id) ?? granted.get(job.id);
      if (before && granted.has(job.id)) vacate(before);
      else if (before) remove(before);
      insert({ ...entryOf(job), overtaken: before?.overtaken ?? 0 });
    },
    leave(jobId) {
      const [held, waits] = [granted.get(jobId), waiting.get(jobId)];
      if (held) vacate(held);
      if (waits) remove(waits);
    },
    adopt: (job) => occupy(entryOf(job)),
    position(jobId) {
      const entry = waiting.get(jobId);
      return entry ? line.indexOf(entry) + 1 : null;
    },
    placeNextTo(jobId, side, moved) {
      const target = waiting.get(jobId);
      if (!target) return undefined;
      const step = side === 'AHEAD' ? -1 : 1;
      let neighbour = line.at(line.indexOf(target) + step);
      if (neighbour?.jobId === moved) neighbour = line.at(line.indexOf(neighbour) + step);
      const other = neighbour?.priority === target.priority ? neighbour.place : undefined;
      return side === 'AHEAD' ? placeBetween(other, target.place) : placeBetween(target.place, other);
    },
    waitingFor(job) {
      const entry = waiting.get(job.id);
      if (!entry) return null;
      const { group } = entry;
      return waitReason({
        unmet: job.request.dependsOn.filter(({ jobId }) => job.unmet.includes(jobId)),
        notBefore: entry.isReady || entry.notBefore === -Infinity ? null : entry.notBefore,
        isPaused,
        group: group === null ? null : stateOf(group),
        gpus: { needed: entry.gpus, free: freeGpus() },
        slots: { inUse: granted.size, total: slots },
      });
    },
    get line() {
      return line.entries;
    },
    get waiting() {
      return line.length;
    },
    get freeSlots() {
      return freeSlots();
    },
    get running() {
      return granted.size;
    },
    get isPaused() {
      return isPaused;
    },
    groups() {
      const names = new Set([...groups.keys(), ...runningOf.keys(), ...waitingOf.keys()]);
      return [...names].sort().map(stateOf);
    },
    grant(now = Date.now()) {
      passTime(now);
      if (isPaused) return undefined;
      const chosen = freeSlots() > 0 ? nextStart(heads(), { slots: freeSlots(), gpus: freeGpus() }) : undefined;
      if (!chosen) return undefined;
      for (const overtaken of chosen.overtakes) overtaken.overtaken += 1;
      remove(chosen.next);
      occupy(chosen.next);
      return chosen.next.jobId;
    },
  };

  function stateOf(name: string): GroupState {
    const settings = groups.get(name) ?? OPEN_GROUP;
    return { name, ...settings, running: runningOf.get(name) ?? 0, waiting: waitingOf.get(name) ?? 0 };
  }
}

/** The key of the lane of a job. */
function laneOf({ gpus, group }: Entry): string {
  return JSON.stringify([gpus, group]);
}

/** Counts a group; one without jobs leaves the map. */
function count(counts: Map<string, number>, group: string | null, change: 1 | -1): void {
  if (group === null) return;
  const next = (counts.get(group) ?? 0) + change;
  if (next > 0) counts.set(group, next);
  else counts.delete(group);
}
