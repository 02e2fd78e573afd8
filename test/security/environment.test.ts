import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const SECRETS = {
  AWS_SECRET_ACCESS_KEY: 'secret-aws',
  GITHUB_TOKEN: 'secret-github',
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret-otel',
  DATABASE_URL: 'postgres://lab:secret-database@db',
  TRAINYARD_TOKEN: 'secret-token',
  TF_VAR_password: 'secret-terraform',
  WANDB_API_KEY: 'secret-but-wanted',
};

interface StatusFile {
  readonly process: { readonly pid: number } | null;
  readonly supervisor: { readonly pid: number } | null;
}

test('environment-secrets: a training and its supervisor see no credentials of the server, but the variables that the setting names', async () => {
  await using server = await startTestServer({
    environment: {
      ...SECRETS,
      TRAINYARD_TRAINER_ENV: 'WANDB_*',
      TRAINYARD_SIMULATION_STEP_SECONDS: '0.05',
      OMP_NUM_THREADS: '1',
      OMPI_MCA_plm: 'isolated',
      XLA_PYTHON_CLIENT_PREALLOCATE: 'false',
    },
  });
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: `mutation { startTraining(input: {backend: SIMULATION, epochs: 4000}) { ... on StartTrainingSuccess { job { id } } } }`,
    }),
  });
  const { data } = (await response.json()) as { data: { startTraining: { job: { id: string } } } };
  const file = `${server.home}/artifacts/jobs/${data.startTraining.job.id}.json`;
  const pids = await until('the trainer reports', () => {
    const { process, supervisor } = JSON.parse(readFileSync(file, 'utf8')) as StatusFile;
    return process && supervisor && [supervisor.pid, process.pid];
  });
  for (const pid of pids) {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    expect(environment.filter((entry) => /secret-(?!but-wanted)/.test(entry))).toEqual([]);
    expect(environment.filter((entry) => /^(OTEL_|TRAINYARD_(TOKEN|PORT|TRAINER_ENV|LOG))/.test(entry))).toEqual([]);
    expect(environment).toContain('WANDB_API_KEY=secret-but-wanted');
    for (const setting of ['OMP_NUM_THREADS=1', 'OMPI_MCA_plm=isolated', 'XLA_PYTHON_CLIENT_PREALLOCATE=false']) {
      expect(environment).toContain(setting);
    }
    expect(environment).toContain(`PATH=${process.env['PATH']}`);
  }
});
