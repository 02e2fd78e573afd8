import type { Command } from 'commander';
import { JOB_STATUSES } from '../../client/graphql/job-statuses.ts';
import { collect } from '../commands/command.ts';
import type { JobFilter, JobOrder, JobStatus, MetricCondition } from '../graphql/graphql.ts';
import { UsageError } from '../usage-error.ts';
import { readChoice, readTime } from './values.ts';

/** Flags that select jobs. */
export interface FilterFlags {
  readonly status?: readonly string[];
  readonly tag?: readonly string[];
  readonly name?: string;
  readonly text?: string;
  readonly dataset?: string;
  readonly trainer?: string;
  readonly group?: string;
  readonly createdAfter?: string;
  readonly createdBefore?: string;
  readonly endedAfter?: string;
  readonly endedBefore?: string;
  readonly metric?: readonly string[];
}

const STATUSES = Object.keys(JOB_STATUSES) as readonly JobStatus[];
const COMPARISONS = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' } as const;

const time = (flag: string) => (text: string) => readTime(flag, text);

/** Adds the flags of {@link FilterFlags} to a command. */
export function addFilterFlags(command: Command): Command {
  return command
    .option('-s, --status <status>', `has one of these statuses: ${STATUSES.join(', ').toLowerCase()}`, collect)
    .option('-t, --tag <word>', 'has all of these tags', collect)
    .option('--name <text>', 'name contains this text')
    .option('--text <text>', 'id, name, dataset, notes or a tag contains this text')
    .option('--dataset <name>', 'trains on this dataset')
    .option('--trainer <name>', 'uses this trainer')
    .option('-g, --group <name>', 'is in this group of the queue')
    .option(
      '--created-after <time>',
      'created after this time, for example 2026-01-31, or 2d for two days ago',
      time('--created-after'),
    )
    .option('--created-before <time>', 'created before this time', time('--created-before'))
    .option('--ended-after <time>', 'ended after this time', time('--ended-after'))
    .option('--ended-before <time>', 'ended before this time', time('--ended-before'))
    .option(
      '--metric <condition>',
      "best value meets this condition, for example 'val_loss<0.2'; may be repeated",
      collect,
    );
}

/**
 * Converts the flags to a filter; null without any of them.
 * @throws UsageError
 */
export function readFilter(flags: FilterFlags): JobFilter | null {
  const filter: JobFilter = {
    status: flags.status?.map((status) => readChoice('--status', status, STATUSES)),
    allTags: flags.tag && [...flags.tag],
    name: flags.name,
    text: flags.text,
    dataset: flags.dataset,
    trainer: flags.trainer,
    group: flags.group,
    createdAfter: flags.createdAfter,
    createdBefore: flags.createdBefore,
    endedAfter: flags.endedAfter,
    endedBefore: flags.endedBefore,
    metrics: flags.metric?.map(readCondition),
  };
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  return given.length === 0 ? null : Object.fromEntries(given);
}

function readCondition(text: string): MetricCondition {
  const [, name, comparison, number] = /^([^<>=]+)(<=|>=|<|>)(.+)$/.exec(text) ?? [];
  const value = Number(number);
  if (name === undefined || number?.trim() === '' || !Number.isFinite(value)) {
    throw new UsageError(`--metric takes a condition such as 'val_loss<0.2', not ${JSON.stringify(text)}.`);
  }
  return { name: name.trim(), [COMPARISONS[comparison as keyof typeof COMPARISONS]]: value };
}

const ORDERS = ['CREATED', 'ENDED', 'NAME', 'PROGRESS', 'SCORE'] as const;
const FIELDS = {
  CREATED: 'CREATED_AT',
  ENDED: 'ENDED_AT',
  NAME: 'NAME',
  PROGRESS: 'PROGRESS',
  SCORE: 'SCORE',
} as const;

/**
 * Parses an order: `created`, `ended`, `name`, `progress`, `score` or `metric:NAME`.
 * @throws UsageError
 */
export function readOrder(text: string, ascending: boolean): JobOrder {
  const direction = ascending ? 'ASC' : 'DESC';
  const metric = /^metric:(.+)$/.exec(text)?.[1];
  if (metric !== undefined) return { field: 'METRIC', metric, direction };
  if (text.startsWith('metric')) {
    throw new UsageError('--order-by metric needs the name of a metric, for example --order-by metric:val_loss.');
  }
  return { field: FIELDS[readChoice('--order-by', text, ORDERS)], direction };
}
