import { errorTypeMap } from '@pothos/plugin-errors';
import type { GraphQLSchema } from 'graphql';
import { type AuditResult, failedWith, recordAction, SUCCEEDED } from '../resolvers/audit.ts';
import type { Context } from '../resolvers/context.ts';
import type { ExpectedError } from '../runner/index.ts';

/**
 * Records every mutation in the audit log with its outcome, refusals included. It wraps the root fields themselves, so no mutation
 * can be forgotten. A dry run changes nothing, and is recorded only when it is refused or fails.
 * @returns the same schema
 */
export function auditMutations(schema: GraphQLSchema): GraphQLSchema {
  for (const [action, field] of Object.entries(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve } = field;
    if (!resolve) continue;
    field.resolve = async (source, args: MutationArguments, context: Context, info) => {
      try {
        const value: unknown = await resolve(source, args, context, info);
        const result = isError(value) ? ({ outcome: 'FAILED', code: value.code } as const) : SUCCEEDED;
        record(context, action, args, result, value);
        return value;
      } catch (error) {
        record(context, action, args, failedWith(error), null);
        throw error;
      }
    };
  }
  return schema;
}

interface MutationArguments {
  /** Of `pauseQueue` and `resumeQueue`. */
  readonly group?: string | null;
  readonly input?: {
    readonly id?: string;
    readonly name?: string | null;
    readonly dryRun?: boolean;
    readonly group?: string | null;
  };
}

function record(context: Context, action: string, args: MutationArguments, result: AuditResult, value: unknown): void {
  if (args.input?.dryRun === true && result === SUCCEEDED) return;
  recordAction(context, action, targetsOf(action, args, result === SUCCEEDED ? value : null), result);
}

/** The parts of the values of mutations that name the jobs that they changed. */
interface ChangedJobs {
  readonly id: unknown;
  readonly deletedIds: readonly string[];
  readonly jobs: readonly { readonly id: string }[];
}

function targetsOf(action: string, { input, group }: MutationArguments, value: unknown): readonly string[] {
  if (action === 'deleteDataset') return [input?.name ?? ''];
  if (action === 'setGroupLimit') return [input?.group ?? ''];
  if (action === 'pauseQueue' || action === 'resumeQueue') return group == null ? [] : [group];
  if (typeof input?.id === 'string') return [input.id];
  const { id, deletedIds, jobs } = (value ?? {}) as Partial<ChangedJobs>;
  return deletedIds ?? jobs?.map((job) => job.id) ?? (typeof id === 'string' ? [id] : []);
}

/** An expected error, which the errors plugin returns as a value. */
function isError(value: unknown): value is ExpectedError {
  return typeof value === 'object' && value !== null && errorTypeMap.has(value);
}
