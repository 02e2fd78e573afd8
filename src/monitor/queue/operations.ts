import { graphql } from '../graphql/index.ts';

graphql(`
  fragment WaitingJob on Job {
    id
    name
    dataset
    trainer
    startedBy
    priority
    group
    queuePosition
    waitingFor
  }
`);

export const ReadQueueDocument = graphql(`
  query ReadQueue($first: Int!, $group: String) {
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
          ...WaitingJob
        }
      }
    }
  }
`);

export const QueueChangesDocument = graphql(`
  subscription QueueChanges {
    jobsChanged(filter: { status: [QUEUED] }) {
      jobId
    }
  }
`);

export const MoveJobDocument = graphql(`
  mutation MoveJob($input: MoveJobInput!) {
    moveJob(input: $input) {
      __typename
      ... on Error {
        message
      }
    }
  }
`);

export const PauseQueueDocument = graphql(`
  mutation PauseQueue($group: String) {
    pauseQueue(group: $group) {
      __typename
      ... on Error {
        message
      }
    }
  }
`);

export const ResumeQueueDocument = graphql(`
  mutation ResumeQueue($group: String) {
    resumeQueue(group: $group) {
      __typename
      ... on Error {
        message
      }
    }
  }
`);

export const SetGroupLimitDocument = graphql(`
  mutation SetGroupLimit($input: SetGroupLimitInput!) {
    setGroupLimit(input: $input) {
      __typename
      ... on Error {
        message
      }
    }
  }
`);

export const DependenciesDocument = graphql(`
  query DependenciesOfJob($id: ID!) {
    job(id: $id) {
      dependsOn {
        id
        when
        isMet
        job {
          name
          status
          health
        }
      }
    }
  }
`);
