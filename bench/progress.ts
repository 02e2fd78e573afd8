/** The data that every server of the benchmarks has about its one job, so that all send the same answers. */

export const JOB_ID = 'job_1760320883609_3f7c2d2a';

/** The subscription of a page that shows one training. */
export const WATCH =
  'subscription ($id: ID!) { jobProgress(id: $id) { jobId cursor status percent epoch epochs step totalSteps loss message samplesPerSecond etaSeconds updatedAt } }';

/** The query of a page that shows one training. */
export const READ =
  'query ($id: ID!) { job(id: $id) { id name tags notes status health trainer backend simulation dataset epochs batchSize learningRate seed createdAt startedAt finishedAt attempt best { name goal value step at } progress { percent epoch step totalSteps loss etaSeconds updatedAt } } }';

const START = 1_760_320_883_609;

/** The numbers after some steps. */
export function progressAt(step: number) {
  return {
    percent: (step % 10_000) / 100,
    epoch: 1 + Math.floor(step / 1000),
    epochs: 100,
    step,
    totalSteps: 100_000,
    loss: 1 / (step + 1),
    metrics: { loss: 1 / (step + 1), val_loss: 2 / (step + 1) },
    message: null,
    samplesPerSecond: 1234.5,
    etaSeconds: 100_000 - step,
    updatedAt: START + step * 100,
  };
}

/** An event as GraphQL's default resolvers need it. */
export function eventAt(step: number) {
  const progress = progressAt(step);
  return {
    jobId: JOB_ID,
    cursor: btoa(`3f7c2d2a:2:${step}`),
    status: 'RUNNING',
    ...progress,
    updatedAt: new Date(progress.updatedAt).toISOString(),
  };
}

export const JOB = {
  id: JOB_ID,
  name: 'iris, small',
  tags: ['baseline', 'iris'],
  notes: 'The first one.',
  status: 'RUNNING',
  health: 'OK',
  trainer: 'tabular',
  backend: 'AUTO',
  simulation: false,
  dataset: 'sample.csv',
  epochs: 100,
  batchSize: 32,
  learningRate: 0.01,
  seed: 0,
  createdAt: new Date(START).toISOString(),
  startedAt: new Date(START + 1000).toISOString(),
  finishedAt: null,
  attempt: 1,
  best: [
    { name: 'loss', goal: 'MIN', value: 0.01, step: 99, at: new Date(START).toISOString() },
    { name: 'val_loss', goal: 'MIN', value: 0.02, step: 99, at: new Date(START).toISOString() },
  ],
  progress: eventAt(100),
};

/** The part of Trainyard's schema that the operations above use. */
export const SDL = /* GraphQL */ `
  scalar DateTime
  scalar JSON
  type BestValue {
    name: String!
    goal: String!
    value: Float!
    step: Float!
    at: DateTime!
  }
  type JobProgress {
    jobId: ID!
    cursor: String!
    gap: Boolean!
    status: String!
    percent: Float!
    epoch: Float!
    epochs: Float
    step: Float!
    totalSteps: Float
    loss: Float
    metrics: JSON!
    message: String
    samplesPerSecond: Float
    etaSeconds: Float
    updatedAt: DateTime!
  }
  type Job {
    id: ID!
    name: String
    tags: [String!]!
    notes: String!
    status: String!
    health: String!
    trainer: String!
    backend: String!
    simulation: Boolean!
    dataset: String
    epochs: Int
    batchSize: Int
    learningRate: Float
    seed: Int
    createdAt: DateTime!
    startedAt: DateTime
    finishedAt: DateTime
    attempt: Int!
    best: [BestValue!]!
    progress: JobProgress!
  }
  type Query {
    job(id: ID!): Job
  }
  type Subscription {
    jobProgress(id: ID!): JobProgress!
  }
`;
