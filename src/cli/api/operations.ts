/**
 * Every operation that the commands send. `npm run codegen` types them from `schema.graphql`, and fails for one that does not match it.
 * Fragments that are not defined here are those of `src/client/fragments`, which the page uses as well.
 */
import { graphql } from '../graphql/index.ts';

// `npm run codegen` adds a fragment to the operations that use it, and names its type: `JobTableRowFragment`.
graphql(`
  fragment JobTableRow on Job {
    ...JobSummary
    startedBy
    startedAt
    earlierSeconds
    progress {
      ...ProgressSummary
    }
  }
`);

graphql(`
  fragment JobResult on Job {
    id
    status
    dataset
    simulation
    options
    score {
      ...ScoreDetail
    }
    checkpoint {
      path
      bytes
      safetensorsPath
    }
    failure {
      ...FailureDetail
    }
    finishedAt
    stop {
      ...StopDetail
    }
  }
`);

graphql(`
  fragment ProgressMessage on JobProgress {
    cursor
    status
    ...ProgressDetail
    updatedAt
  }
`);

export const START = graphql(`
  mutation Start($input: StartTrainingInput!) {
    startTraining(input: $input) {
      __typename
      ... on StartTrainingSuccess {
        job {
          ...JobTableRow
          progress {
            ...ProgressMessage
          }
        }
      }
      ... on Error {
        message
      }
      ... on InvalidInputError {
        path
      }
    }
  }
`);

export const FIND_TEMPLATE = graphql(`
  query FindTemplate($id: ID!) {
    job(id: $id) {
      ...JobTemplate
    }
  }
`);

export const LIST_TRAINERS = graphql(`
  query ListTrainers {
    trainers {
      ...TrainerDetail
    }
  }
`);

export const STOP = graphql(`
  mutation Stop($input: StopTrainingInput!) {
    stopTraining(input: $input) {
      __typename
      ... on StopTrainingSuccess {
        job {
          ...JobTableRow
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

export const RESUME = graphql(`
  mutation Resume($input: ResumeTrainingInput!) {
    resumeTraining(input: $input) {
      __typename
      ... on ResumeTrainingSuccess {
        job {
          ...JobTableRow
          progress {
            ...ProgressMessage
          }
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

export const DELETE = graphql(`
  mutation Delete($input: DeleteJobsInput!) {
    deleteJobs(input: $input) {
      __typename
      ... on DeleteJobsSuccess {
        deletedIds
        wouldDelete {
          count
          ids
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

export const READ_EVALUATION = graphql(`
  query ReadEvaluation($id: ID!) {
    job(id: $id) {
      score {
        ...ScoreDetail
      }
      evaluation
    }
  }
`);

export const RESULT = graphql(`
  query Result($id: ID!) {
    job(id: $id) {
      ...JobResult
    }
  }
`);

export const LIST_JOBS = graphql(`
  query ListJobs($first: Int, $after: String, $filter: JobFilter, $orderBy: JobOrder) {
    jobs(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      totalCount
      changesCursor
      edges {
        node {
          ...JobTableRow
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const FIND_IDS = graphql(`
  query FindIds($first: Int, $after: String, $filter: JobFilter) {
    jobs(first: $first, after: $after, filter: $filter) {
      edges {
        node {
          id
          name
          status
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const COUNT_JOBS = graphql(`
  query CountJobs($filter: JobFilter) {
    jobCounts(filter: $filter) {
      completed
      error
      stopped
    }
  }
`);

export const LIST_DATASETS = graphql(`
  query ListDatasets {
    datasets {
      name
      format
      rows
      columnCount
      bytes
      modifiedAt
      uploadedBy
      problem
    }
  }
`);

export const READ_SETTINGS = graphql(`
  query ReadSettings($id: ID!) {
    job(id: $id) {
      trainer
      dataset
      epochs
      batchSize
      learningRate
      seed
      options
      settings
    }
  }
`);

export const PREVIEW_DATASET = graphql(`
  query PreviewDataset($name: String!, $rows: Int, $options: JSON) {
    dataset(name: $name) {
      name
      format
      rows
      bytes
      problem
      preview(rows: $rows, options: $options) {
        rowsRead
        complete
        columnCount
        columns {
          name
          kind
          gaps
          distinct
          minimum
          maximum
          note
        }
        rows
      }
    }
  }
`);

export const DELETE_DATASET = graphql(`
  mutation DeleteDataset($name: String!) {
    deleteDataset(input: { name: $name }) {
      __typename
      ... on DeleteDatasetSuccess {
        name
      }
      ... on Error {
        message
      }
    }
  }
`);

export const READ_LOG = graphql(`
  query ReadLog($id: ID!, $last: Int) {
    job(id: $id) {
      log(last: $last) {
        lines {
          at
          stream
          text
        }
      }
    }
  }
`);

export const LIST_FILES = graphql(`
  query ListFiles($id: ID!, $after: String) {
    job(id: $id) {
      files(first: 200, after: $after) {
        ...FilePage
      }
    }
  }
`);

export const READ_METRICS = graphql(`
  query ReadMetrics($id: ID!, $names: [String!], $fromStep: SafeInt, $toStep: SafeInt, $maxPoints: Int) {
    job(id: $id) {
      metrics(names: $names, fromStep: $fromStep, toStep: $toStep, maxPoints: $maxPoints) {
        name
        totalPoints
        sampled
        stepsGoBack
        latest {
          step
          value
          nonFinite
        }
        best {
          step
          value
        }
        points {
          step
          value
          nonFinite
          at
        }
      }
    }
  }
`);

export const COUNT_POINTS = graphql(`
  query CountPoints($id: ID!, $names: [String!], $fromStep: SafeInt, $toStep: SafeInt) {
    job(id: $id) {
      metrics(names: $names, fromStep: $fromStep, toStep: $toStep) {
        name
        totalPoints
        latest {
          step
        }
      }
    }
  }
`);

export const READ_TRAINERS = graphql(`
  query ReadTrainers {
    trainers {
      name
      available
      backends
      unavailableReason
    }
  }
`);

export const WATCH = graphql(`
  subscription Watch($id: ID!, $after: String) {
    jobProgress(id: $id, after: $after) {
      ...ProgressMessage
    }
  }
`);

export const FOLLOW_LOG = graphql(`
  subscription FollowLog($id: ID!, $last: Int, $after: String) {
    jobLog(id: $id, last: $last, after: $after) {
      ...LogLines
    }
  }
`);

export const FOLLOW_JOBS = graphql(`
  subscription FollowJobs($filter: JobFilter, $after: String) {
    jobsChanged(filter: $filter, after: $after) {
      cursor
      gap
      kind
      jobId
      job {
        ...JobTableRow
      }
    }
  }
`);

export const FIND_MODELS = graphql(`
  query FindModels {
    jobs(first: 1, filter: { trainer: "tabular", status: [COMPLETED, STOPPED] }) {
      edges {
        node {
          id
        }
      }
    }
  }
`);

export const PREDICT = graphql(`
  query PredictRows($jobId: ID!, $rows: [JSON!]!) {
    predict(jobId: $jobId, rows: $rows) {
      __typename
      ... on PredictSuccess {
        predictions {
          value
          probabilities
        }
        warnings
      }
      ... on Error {
        message
      }
    }
  }
`);

export const START_PREDICTION = graphql(`
  mutation StartPrediction($jobId: ID!, $dataset: String!) {
    startPrediction(input: { jobId: $jobId, dataset: $dataset }) {
      __typename
      ... on StartPredictionSuccess {
        job {
          id
        }
      }
      ... on Error {
        message
      }
    }
  }
`);
