/**
 * Operations that GraphiQL shows, one per tab, in the order in which a new user would try them. They have no variables, so that
 * each value is edited where it is used.
 */
export const EXAMPLES: readonly string[] = [
  `# 1. Start a training on the bundled sample, and copy the id from the response.
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
  `# 2. Watch it live: paste the id between the quotes.
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
  `# 3. Stop it: it saves a checkpoint and exits.
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
  `# 5. Inspect one job: metrics, log, checkpoint and failure.
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
