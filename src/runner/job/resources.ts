import { InvalidInputError } from './errors.ts';
import { LEAST_CLUSTER_TIME, RESOURCE_LIMITS, wholeNumberText } from './input-limits.ts';
import { quote } from './shorten.ts';

/** Requirements of an attempt on its machine. Null: the default of the machine, or of the cluster. */
export interface Resources {
  /** Number of CPUs on each node. */
  readonly cpus: number | null;
  /** Memory on each node, MiB. */
  readonly memoryMb: number | null;
  /** Kind of GPU, for example `a100`. */
  readonly gpuType: string | null;
  /** Number of nodes, 1 unless the trainer is a script. */
  readonly nodes: number | null;
  readonly partition: string | null;
  readonly account: string | null;
  readonly qos: string | null;
  /** Features that the nodes must have, for example `ib`. */
  readonly constraint: string | null;
  /** Maximum time that the resources are held, seconds. */
  readonly timeLimitSeconds: number | null;
}

/** The resources in the input of a start. `gpus` and `processesPerNode` replace the fields `gpus` and `processes` of the input. */
export interface ResourcesInput extends Partial<{ readonly [Name in keyof Resources]: Resources[Name] | undefined }> {
  readonly gpus?: number | null | undefined;
  readonly processesPerNode?: number | null | undefined;
}

const NAMES = ['gpuType', 'partition', 'account', 'qos', 'constraint'] as const;
type Name = (typeof NAMES)[number];

/** The resources that an administrator allows. */
export interface ResourceRules {
  /** Whether jobs run on the nodes of a cluster; otherwise on this machine. */
  readonly isCluster: boolean;
  /** The allowed values of each name; a name without any cannot be chosen. */
  readonly allowed: Readonly<Partial<Record<Name, readonly string[]>>>;
  readonly maxNodes: number;
}

export const NO_RESOURCE_RULES: ResourceRules = { isCluster: false, allowed: {}, maxNodes: 1 };

/** Names of Slurm, and expressions of constraints such as `a100&ib` or `[rack1|rack2]`: safe as an argument. */
export const RESOURCE_NAME = /^[A-Za-z0-9[(][A-Za-z0-9_.:&|*()[\]-]{0,127}$/;

const CLUSTER_ONLY = [...NAMES, 'nodes'] as const;

/**
 * Checks the resources of a start against their bounds and what is allowed. Null if there are none.
 * @throws InvalidInputError that names the field
 */
export function resolveResources(input: ResourcesInput | null | undefined, rules: ResourceRules): Resources | null {
  if (!input) return null;
  const resources: Resources = {
    cpus: input.cpus ?? null,
    memoryMb: input.memoryMb ?? null,
    gpuType: input.gpuType ?? null,
    nodes: input.nodes ?? null,
    partition: input.partition ?? null,
    account: input.account ?? null,
    qos: input.qos ?? null,
    constraint: input.constraint ?? null,
    timeLimitSeconds: input.timeLimitSeconds ?? null,
  };
  for (const [field, [least, max]] of Object.entries(RESOURCE_LIMITS)) {
    const value = resources[field as keyof typeof RESOURCE_LIMITS];
    const min = field === 'timeLimitSeconds' && rules.isCluster ? LEAST_CLUSTER_TIME : least;
    if (value !== null && (!Number.isInteger(value) || value < min || value > max)) {
      throw invalid(field, `${field} must be ${wholeNumberText(min, max)}; it was ${value}.`);
    }
  }
  for (const field of CLUSTER_ONLY) {
    if (resources[field] === null || rules.isCluster || resources[field] === 1) continue;
    throw invalid(field, `${field} is for a cluster, and this server runs jobs on its own machine: leave it out.`);
  }
  if (resources.nodes !== null && resources.nodes > Math.max(1, rules.maxNodes)) {
    throw invalid('nodes', `Requested ${resources.nodes} nodes; a job may have ${rules.maxNodes} on this server.`);
  }
  for (const name of NAMES) checkName(name, resources[name], rules.allowed[name] ?? []);
  return resources;
}

function checkName(name: Name, value: string | null, allowed: readonly string[]): void {
  if (value === null || allowed.includes(value)) return;
  const choice = allowed.length > 0 ? `Allowed: ${allowed.join(', ')}.` : 'This server allows none: leave it out.';
  throw invalid(name, `${name} ${quote(value)} is not allowed. ${choice}`);
}

function invalid(field: string, message: string): InvalidInputError {
  return new InvalidInputError(message, ['input', 'resources', field]);
}
