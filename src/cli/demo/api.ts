import { createClient } from 'graphql-ws';

/** The operations that the demo sends; a test checks them against `schema.graphql`. */
export const OPERATIONS = {
  start: `mutation Start($input: StartTrainingInput!) {
  startTraining(input: $input) {
    __typename
    ... on StartTrainingSuccess { job { id } }
    ... on Error { message }
  }
}`,
  watch: `subscription Watch($id: ID!, $after: String) {
  jobProgress(id: $id, after: $after) {
    cursor status percent epoch epochs loss metrics message samplesPerSecond etaSeconds
  }
}`,
  result: `query Result($id: ID!) {
  job(id: $id) {
    status dataset simulation options
    checkpoint { path bytes safetensorsPath }
    failure { reason message lastLogLines }
  }
}`,
} as const;

export type JobStatus = 'QUEUED' | 'STARTING' | 'LOADING' | 'RUNNING' | 'STOPPING' | 'COMPLETED' | 'STOPPED' | 'ERROR';

/** One message of the live feed, as {@link OPERATIONS.watch} asks for it. */
export interface ProgressMessage {
  readonly cursor: string;
  readonly status: JobStatus;
  readonly percent: number;
  readonly epoch: number;
  readonly epochs: number | null;
  readonly loss: number | null;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly message: string | null;
  readonly samplesPerSecond: number | null;
  readonly etaSeconds: number | null;
}

/** What became of a job, as {@link OPERATIONS.result} asks for it. */
export interface TrainingResult {
  readonly status: JobStatus;
  readonly dataset: string;
  readonly simulation: boolean;
  readonly options: Readonly<Record<string, unknown>>;
  readonly checkpoint: {
    readonly path: string;
    readonly bytes: number;
    readonly safetensorsPath: string | null;
  } | null;
  readonly failure: {
    readonly reason: string;
    readonly message: string;
    readonly lastLogLines: readonly string[];
  } | null;
}

/** The server said no. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** `__typename` of the refusal, for example `InvalidInputError`; null when the request itself failed. */
  readonly kind: string | null;
  constructor(message: string, kind: string | null) {
    super(message);
    this.kind = kind;
  }
}

/** The demo's view of a server. */
export interface Api {
  /**
   * @returns the id of the new job
   * @throws ApiError
   */
  startTraining(input: Readonly<Record<string, unknown>>): Promise<string>;
  /** The live feed: a snapshot, then every later state, to the end of the job. Taken up again when the connection breaks. */
  watch(id: string): AsyncIterable<ProgressMessage>;
  /** @throws ApiError */
  result(id: string): Promise<TrainingResult>;
}

/** Speaks to the server at `url` until `signal` aborts, which ends what is under way with its reason. */
export function createApi(url: string, signal: AbortSignal): Api {
  const endpoint = `${url}/graphql`;

  async function request<Data>(query: string, variables: object): Promise<Data> {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
      body: JSON.stringify({ query, variables }),
      signal,
    });
    const { data, errors } = (await response.json()) as { data?: Data | null; errors?: readonly { message: string }[] };
    if (errors !== undefined || data == null) {
      throw new ApiError(
        errors?.map(({ message }) => message).join(' ') ?? `The server answered ${response.status}.`,
        null,
      );
    }
    return data;
  }

  return {
    async startTraining(input) {
      type Data = { startTraining: { __typename: string; job?: { id: string }; message?: string } };
      const { startTraining } = await request<Data>(OPERATIONS.start, { input });
      if (startTraining.job !== undefined) return startTraining.job.id;
      throw new ApiError(startTraining.message ?? 'The server refused without a word.', startTraining.__typename);
    },
    watch: (id) => watch(endpoint.replace(/^http/, 'ws'), id, signal),
    async result(id) {
      const { job } = await request<{ job: TrainingResult | null }>(OPERATIONS.result, { id });
      if (job === null) throw new ApiError(`The server does not know job ${id}.`, null);
      return job;
    },
  };
}

async function* watch(url: string, id: string, signal: AbortSignal): AsyncIterable<ProgressMessage> {
  let cursor: string | null = null;
  const client = createClient({
    url,
    retryAttempts: Infinity,
    // A refused connection is an event without a close code, which the client would take for final.
    shouldRetry: () => !signal.aborted,
    retryWait: (retries) => new Promise((resolve) => setTimeout(resolve, Math.min(2000, 100 * 2 ** retries))),
  });
  const end = () => client.terminate();
  signal.addEventListener('abort', end, { once: true });
  try {
    const feed = client.iterate<{ jobProgress: ProgressMessage }>({
      query: OPERATIONS.watch,
      variables: {
        id,
        // The client sends the same payload again after a lost connection; a getter makes that one go on from here.
        get after() {
          return cursor;
        },
      },
    });
    for await (const { data, errors } of feed) {
      if (errors !== undefined || data == null) throw new ApiError(errors?.[0]?.message ?? 'The feed broke off.', null);
      cursor = data.jobProgress.cursor;
      yield data.jobProgress;
    }
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof Error ? error : new ApiError(`The feed broke off: ${describeFailure(error)}`, null);
  } finally {
    signal.removeEventListener('abort', end);
    await client.dispose();
  }
}

/** graphql-ws rejects with lists of GraphQL errors and with close events, neither of which is an `Error`. */
function describeFailure(failure: unknown): string {
  const [first] = Array.isArray(failure) ? (failure as { message?: string }[]) : [failure as { reason?: string }];
  const words = first as { message?: string; reason?: string } | undefined;
  return words?.message || words?.reason || 'the connection was closed.';
}
