import { describe, expect, test } from 'vitest';
import { describeInBrowser, openPage, stepShown } from '../monitor/support.ts';
import { readStarts } from '../faults/processes.ts';
import { startTestServer } from '../support/server-process.ts';
import { NO_CLUSTER } from './cluster.ts';
import { until } from './patience.ts';
import { useCluster } from './use-cluster.ts';

describe.skipIf(NO_CLUSTER)('the page of a server on a cluster', { timeout: 900_000 }, () => {
  const onCluster = useCluster();

  describeInBrowser('a user who has only the page', (browser) => {
    test('trains on a node, watches, stops, and resumes on the other node', async () => {
      await using server = await startTestServer({ environment: { TRAINYARD_LAUNCHER: 'slurm' } });
      const nodesOfJobs = () => onCluster.inSlurm('job_', '%N').filter((node) => node !== '');
      const { page } = await openPage(browser(), `${server.url}/start`);
      await page.getByLabel('Epochs', { exact: true }).fill('200000');
      await page.getByText('Limits and resources').click();
      await page.getByLabel('Memory (MiB)').fill('2000');
      await page.getByText('Trainer options').click();
      await page.getByLabel('Patience', { exact: true }).fill('0');
      await page.getByRole('button', { name: 'Start training' }).click();

      const status = page.getByRole('region', { name: 'Progress' }).getByRole('status');
      await status.getByText('Running', { exact: true }).waitFor();
      const chart = page.getByRole('img', { name: /^loss over steps\. Training: .* at step / });
      const first = await stepShown(chart);
      await until('the page shows later steps', async () => (await stepShown(chart)) > first);
      await page.getByRole('button', { name: 'Stop' }).click();
      await status.getByText('Stopped', { exact: true }).waitFor();
      const stoppedAt = await stepShown(chart);

      const [node = ''] = nodesOfJobs();
      onCluster.cluster.slurm('scontrol', 'update', `NodeName=${node}`, 'State=DRAIN', 'Reason=test');
      await page.getByRole('button', { name: 'Resume' }).click();
      await status.getByText('Running', { exact: true }).waitFor();
      await until('the page shows steps of the second attempt', async () => (await stepShown(chart)) > stoppedAt);
      expect(nodesOfJobs().toSorted()).toEqual(['n1', 'n2']);
      await page.getByRole('button', { name: 'Stop' }).click();
      await status.getByText('Stopped', { exact: true }).waitFor();
      expect(readStarts(server.home).filter(({ role }) => role === 'TRAINER')).toHaveLength(2);
    });
  });
});
