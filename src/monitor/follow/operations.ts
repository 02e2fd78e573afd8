import { graphql } from '../graphql/index.ts';

/** All fields of a job that its page shows, except curves and log. */
graphql(`
  fragment JobDetail on Job {
    ...JobSummary
    notes
    startedBy
    backend
    ...JobSettings
    arguments
    processes
    group
    waitingFor
    attempt
    startedAt
    earlierSeconds
    retryAt
    checkpoint {
      bytes
      savedAt
      path
      safetensorsPath
      url
      onnxUrl
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
          names: metrics(maxPoints: 1) {
            name
          }
        }
      }
    }
  }
`);

/** Curves of some metrics, and the names of all metrics. The progress of a job has no more than the first 500 names. */
export const CurvesDocument = graphql(`
  query CurvesOfJob(
    $id: ID!
    $names: [String!]!
    $withNames: Boolean!
    $fromStep: SafeInt
    $toStep: SafeInt
    $maxPoints: Int!
  ) {
    job(id: $id) {
      names: metrics(fromStep: $fromStep, toStep: $toStep, maxPoints: 1) @include(if: $withNames) {
        name
      }
      metrics(names: $names, fromStep: $fromStep, toStep: $toStep, maxPoints: $maxPoints) {
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
