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

export const SelectedJobsDocument = graphql(`
  query SelectedJobs($ids: [ID!]!, $first: Int!) {
    jobs(first: $first, filter: { ids: $ids }) {
      edges {
        node {
          id
          tags
        }
      }
    }
  }
`);

export const StopSelectedDocument = graphql(`
  mutation StopSelected($id: ID!) {
    stopTraining(input: { id: $id }) {
      __typename
      ... on Error {
        message
      }
    }
  }
`);

export const TagSelectedDocument = graphql(`
  mutation TagSelected($id: ID!, $tags: [String!]!) {
    updateJob(input: { id: $id, tags: $tags }) {
      __typename
      ... on Error {
        message
      }
    }
  }
`);

export const DeleteSelectedDocument = graphql(`
  mutation DeleteSelected($ids: [ID!]!) {
    deleteJobs(input: { filter: { ids: $ids } }) {
      __typename
      ... on DeleteJobsSuccess {
        deletedIds
      }
      ... on Error {
        message
      }
    }
  }
`);
