/**
 * The operations that list, read, follow and delete jobs. `npm run codegen` types every operation from `schema.graphql`, and fails for one
 * that does not match it. Fragments that are not defined in this folder are those of `src/client/fragments`, which the page uses as well.
 */
import { graphql } from '../../graphql/index.ts';

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
    settings
    score {
      ...ScoreDetail
    }
    evaluation
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

export const RESULT = graphql(`
  query Result($id: ID!) {
    job(id: $id) {
      ...JobResult
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

export const READ_SETTINGS = graphql(`
  query ReadSettings($id: ID!) {
    job(id: $id) {
      trainer
      dataset
      ...JobSettings
    }
  }
`);

export const COMPARE_JOBS = graphql(`
  query CompareJobs($first: Int, $filter: JobFilter, $orderBy: JobOrder) {
    jobs(first: $first, filter: $filter, orderBy: $orderBy) {
      totalCount
      edges {
        node {
          ...JobTableRow
          ...JobSettings
          arguments
          processes
        }
      }
    }
  }
`);

export const READ_EVALUATION = graphql(`
  query ReadEvaluation($id: ID!) {
    job(id: $id) {
      status
      dataset
      settings
      score {
        ...ScoreDetail
      }
      evaluation
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
