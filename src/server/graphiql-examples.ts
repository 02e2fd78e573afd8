/**
 * The operations that GraphiQL opens with, one a tab, in the order in which somebody new would try them. They have no
 * variables: what is to be changed stands where it is used.
 */
export const EXAMPLES: readonly string[] = [
  `# 1. Start a training of the shipped sample, and copy the id from the answer.
mutation Start {
  startTraining(input: { name: "first try", epochs: 200 }) {
    ... on StartTrainingSuccess {
      job {
        id
        status
      }
    }
    ... on Error {
      __typename
      message
    }
  }
}
`,
  `# 2. Watch it live: put the id between the quotes.
subscription Watch {
  jobProgress(id: "job_...") {
    status
    percent
    epoch
    step
    loss
    metrics
    message
    etaSeconds
  }
}
`,
  `# 3. Stop it: it saves a checkpoint and ends.
mutation Stop {
  stopTraining(input: { id: "job_..." }) {
    ... on StopTrainingSuccess {
      job {
        id
        status
      }
    }
    ... on Error {
      __typename
      message
    }
  }
}
`,
  `# 4. List the newest jobs.
query List {
  jobs(first: 20) {
    totalCount
    edges {
      node {
        id
        name
        status
        dataset
        createdAt
        progress {
          percent
          loss
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
  `# 5. Inspect one job: its curves, its log, its model, and why it failed if it did.
query Inspect {
  job(id: "job_...") {
    id
    status
    simulation
    startedAt
    finishedAt
    metrics(maxPoints: 100) {
      name
      best {
        step
        value
      }
      points {
        step
        value
      }
    }
    log(last: 20) {
      lines {
        text
      }
    }
    checkpoint {
      path
      bytes
      safetensorsPath
    }
    failure {
      reason
      message
      lastLogLines
    }
  }
}
`,
];
