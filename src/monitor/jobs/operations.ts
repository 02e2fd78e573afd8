import { graphql } from '../graphql/index.ts';

/** The fields of a row in the list. */
graphql(`
  fragment JobRow on Job {
    ...JobSummary
    failure {
      reason
      message
    }
    progress {
      ...ProgressSummary
      message
    }
  }
`);

/** The number of jobs with each status. */
graphql(`
  fragment JobCounts on JobCounts {
    queued
    starting
    loading
    running
    stopping
    completed
    stopped
    error
  }
`);

export const FirstPageDocument = graphql(`
  query FirstPageOfJobs($first: Int!, $filter: JobFilter, $countFilter: JobFilter, $orderBy: JobOrder) {
    jobs(first: $first, filter: $filter, orderBy: $orderBy) {
      changesCursor
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          ...JobRow
        }
      }
    }
    jobCounts(filter: $countFilter) {
      ...JobCounts
    }
  }
`);

export const NextPageDocument = graphql(`
  query NextPageOfJobs($first: Int!, $after: String, $filter: JobFilter, $orderBy: JobOrder) {
    jobs(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          ...JobRow
        }
      }
    }
  }
`);

export const CountsDocument = graphql(`
  query CountsOfJobs($filter: JobFilter) {
    jobCounts(filter: $filter) {
      ...JobCounts
    }
  }
`);

export const ChangesDocument = graphql(`
  subscription ChangesOfJobs($filter: JobFilter, $after: String) {
    jobsChanged(filter: $filter, after: $after) {
      cursor
      kind
      gap
      jobId
      job {
        ...JobRow
      }
    }
  }
`);
