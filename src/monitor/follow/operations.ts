import { graphql } from '../graphql/index.ts';

/** All fields of a job that its page shows, except curves and log. */
graphql(`
  fragment JobDetail on Job {
    ...JobSummary
    notes
    startedBy
    backend
    epochs
    batchSize
    learningRate
    seed
    options
    arguments
    processes
    attempt
    startedAt
    retryAt
    checkpoint {
      bytes
      savedAt
      path
      safetensorsPath
      simulation
    }
    peakMemoryBytes
    stop {
      ...StopDetail
    }
    failure {
      ...FailureDetail
      peakMemoryBytes
    }
    progress {
      ...ProgressDetail
    }
  }
`);

/** One downsampled curve. */
graphql(`
  fragment CurvePoints on MetricSeries {
    name
    stepsGoBack
    points {
      step
      value
      nonFinite
      at
    }
  }
`);

export const FollowedJobsDocument = graphql(`
  query FollowedJobs($ids: [ID!]!, $first: Int!) {
    jobs(first: $first, filter: { ids: $ids }) {
      changesCursor
      edges {
        node {
          ...JobDetail
        }
      }
    }
  }
`);

export const CurvesDocument = graphql(`
  query CurvesOfJob($id: ID!, $fromStep: SafeInt, $toStep: SafeInt, $maxPoints: Int!) {
    job(id: $id) {
      metrics(fromStep: $fromStep, toStep: $toStep, maxPoints: $maxPoints) {
        ...CurvePoints
      }
    }
  }
`);

export const FollowedChangesDocument = graphql(`
  subscription FollowedChanges($ids: [ID!]!, $after: String) {
    jobsChanged(filter: { ids: $ids }, after: $after) {
      cursor
      kind
      gap
      jobId
      job {
        ...JobDetail
      }
    }
  }
`);
