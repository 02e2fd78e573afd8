/** The operations of the commands for the queue. */
import { graphql } from '../../graphql/index.ts';

graphql(`
  fragment QueueRow on Job {
    id
    name
    priority
    group
    queuePosition
    waitingFor
  }
`);

export const READ_QUEUE = graphql(`
  query ReadQueue($first: Int, $group: String) {
    queue {
      ...QueueState
    }
    jobs(
      first: $first
      filter: { status: [QUEUED], group: $group }
      orderBy: { field: QUEUE_POSITION, direction: ASC }
    ) {
      totalCount
      edges {
        node {
          ...QueueRow
        }
      }
    }
  }
`);

export const MOVE_JOB = graphql(`
  mutation MoveJob($input: MoveJobInput!) {
    moveJob(input: $input) {
      __typename
      ... on MoveJobSuccess {
        job {
          ...QueueRow
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

export const PAUSE_QUEUE = graphql(`
  mutation PauseQueue($group: String) {
    pauseQueue(group: $group) {
      __typename
      ... on PauseQueueSuccess {
        queue {
          ...QueueState
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

export const RESUME_QUEUE = graphql(`
  mutation ResumeQueue($group: String) {
    resumeQueue(group: $group) {
      __typename
      ... on ResumeQueueSuccess {
        queue {
          ...QueueState
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

export const SET_GROUP_LIMIT = graphql(`
  mutation SetGroupLimit($input: SetGroupLimitInput!) {
    setGroupLimit(input: $input) {
      __typename
      ... on SetGroupLimitSuccess {
        queue {
          ...QueueState
        }
      }
      ... on Error {
        message
      }
    }
  }
`);
