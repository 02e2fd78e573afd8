import { graphql } from '../graphql/index.ts';

/** What the page of a job shows of it, its curves and its log aside. */
export const JobDetailFields = graphql(`
  fragment JobDetail on Job {
    id
    name
    tags
    notes
    status
    health
    simulation
    trainer
    backend
    dataset
    epochs
    batchSize
    learningRate
    seed
    options
    attempt
    createdAt
    startedAt
    finishedAt
    queuePosition
    retryAt
    checkpoint {
      bytes
      savedAt
      path
      safetensorsPath
      simulation
    }
    failure {
      reason
      message
      exitCode
      signal
      peakMemoryBytes
      lastLogLines
    }
    progress {
      percent
      epoch
      epochs
      step
      totalSteps
      loss
      metrics
      message
      samplesPerSecond
      etaSeconds
    }
  }
`);

/** One curve, thinned. */
export const CurveFields = graphql(`
  fragment CurvePoints on MetricSeries {
    name
    points {
      step
      value
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
