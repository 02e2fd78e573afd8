import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, validate } from 'graphql';
import { Webhook as Signature } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import { REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';
import { schema } from '../../src/schema/index.ts';
import { parseWebhooks } from '../../src/settings/webhooks.ts';
import { runCommand } from '../support/command.ts';
import { docBlocks } from '../support/doc-blocks.ts';
import { temporaryHome } from '../support/home.ts';
import { ended, PYTHON, reach, running, startRunner } from '../support/runner.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { newSecret, startReceiver } from '../support/webhook-receiver.ts';
import { trainerOf } from '../support/local-processes.ts';

const BLOCKS = docBlocks('docs/webhooks.md');
const blockUnder = (title: string) => BLOCKS.find(({ heading }) => heading === title)?.code ?? expect.fail(title);

test('the server accepts the printed file', () => {
  expect(parseWebhooks(blockUnder('Configuration'))).toMatchObject([{ name: 'lab-chat' }, { name: 'deploy' }]);
});

test('the printed message has the fields of a sent one', async () => {
  const receiver = await startReceiver();
  const runner = await startRunner(temporaryHome(), { webhooks: [receiver.webhook()] });
  const { id } = await runner.start({ backend: 'SIMULATION', epochs: 100_000 });
  process.kill(trainerOf(await reach(runner, id, running))?.pid ?? NaN, 'SIGKILL');
  await until('the receiver has a message', () => receiver.messages.length === 1);
  const printed = JSON.parse(blockUnder('Message')) as object;
  const sent = JSON.parse(receiver.messages[0]?.body ?? '') as object;
  expect(shapeOf(sent)).toEqual(shapeOf(printed));
});

test('the printed query is valid', () => {
  expect(validate(schema, parse(blockUnder('Delivery and retries')))).toEqual([]);
});

test.each(['Node', 'Python'])(
  'the receiver in %s accepts a signed message once, and rejects all others',
  async (language) => {
    const secret = newSecret();
    const port = await freePort();
    const file = join(REPOSITORY_ROOT, `.receiver-${process.pid}.${language === 'Python' ? 'py' : 'mjs'}`);
    // Next to package.json, where its import is found.
    writeFileSync(file, blockUnder(language));
    onTestFinished(() => rmSync(file));
    const receiver = runCommand(language === 'Python' ? PYTHON : process.execPath, [file], {
      environment: { ...process.env, WEBHOOK_SECRET: secret, PORT: String(port), PYTHONUNBUFFERED: '1' },
    });
    onTestFinished(async () => {
      receiver.kill('SIGKILL');
      await receiver.ended;
    });
    await receiver.says(/listening/);

    const url = `http://127.0.0.1:${port}/`;
    const webhook = { name: 'doc', url, secret, filter: null, allowPrivateAddresses: true, link: null };
    const runner = await startRunner(temporaryHome(), { webhooks: [{ ...webhook, events: ['job.completed'] }] });
    const { id } = await runner.start({ backend: 'SIMULATION', epochs: 2 });
    await reach(runner, id, ended);
    const isDelivered = () => runner.notifications.count({ status: ['DELIVERED'] }) === 1;
    await until('it is delivered', isDelivered);
    const [delivery] = runner.notifications.list({ limit: 1 });
    runner.notifications.redeliver(delivery?.id ?? '');
    await until('it is delivered again', isDelivered);
    expect(receiver.output().match(/^job\.completed .*$/gm)).toEqual([`job.completed ${id} COMPLETED`]);

    const post = async (sentAt: Date, key: string) => {
      const body = delivery?.payload ?? '';
      const headers = {
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
        'webhook-signature': new Signature(key).sign('msg_1', sentAt, body),
      };
      return (await fetch(url, { method: 'POST', headers, body })).status;
    };
    expect(await post(new Date(), newSecret())).toBe(400);
    expect(await post(new Date(Date.now() - 3_600_000), secret)).toBe(400);
    expect(await post(new Date(), secret)).toBe(204);
  },
);

/** The names of all fields, without those of metrics, which are the trainer's. */
function shapeOf(value: object): object {
  const isRecord = (field: unknown): field is object =>
    typeof field === 'object' && field !== null && !Array.isArray(field);
  return Object.fromEntries(
    Object.entries(value).map(([name, field]: [string, unknown]) => [
      name,
      isRecord(field) && name !== 'metrics' && name !== 'best' ? shapeOf(field) : true,
    ]),
  );
}
