import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook as Signature } from 'standardwebhooks';
import { onTestFinished } from 'vitest';
import { type Webhook, WEBHOOK_EVENTS, type WebhookEvent } from '../../src/runner/index.ts';

/** A received message with a valid signature. */
export interface ReceivedMessage {
  readonly id: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly type: WebhookEvent;
  readonly timestamp: string;
  readonly data: Record<string, unknown>;
}

/** A real receiver on loopback. */
export interface WebhookReceiver {
  readonly port: number;
  readonly url: string;
  readonly secret: string;
  /** All messages received so far. */
  readonly messages: ReceivedMessage[];
  /** Answers each message from now on; the default answers 204. */
  answer: (response: ServerResponse, message: ReceivedMessage) => void;
  /** This receiver as an entry of the webhooks file. */
  webhook(changes?: Partial<Webhook>): Webhook;
}

export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** Starts a receiver that is closed after the test. A request that is not signed with its secret fails the test. */
export async function startReceiver(port = 0): Promise<WebhookReceiver> {
  const secret = newSecret();
  const signature = new Signature(secret);
  const messages: ReceivedMessage[] = [];
  const receiver: Pick<WebhookReceiver, 'answer'> = { answer: (response) => response.writeHead(204).end() };
  const unsigned: unknown[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const headers = request.headers as Record<string, string>;
      try {
        const message = signature.verify(body, headers) as Pick<ReceivedMessage, 'type' | 'timestamp' | 'data'>;
        messages.push({ ...message, id: headers['webhook-id'] ?? '', path: request.url ?? '', headers, body });
      } catch (error) {
        unsigned.push(error);
      }
      const last = messages.at(-1);
      if (last) receiver.answer(response, last);
      else response.writeHead(400).end();
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    if (unsigned.length > 0) throw new Error('A message was not signed', { cause: unsigned[0] });
  });
  const address = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${address.port}/hook?token=sesame`;
  return Object.assign(receiver, {
    port: address.port,
    url,
    secret,
    messages,
    webhook: (changes: Partial<Webhook> = {}): Webhook => ({
      name: 'lab',
      url,
      secret,
      events: WEBHOOK_EVENTS,
      filter: null,
      allowPrivateAddresses: true,
      link: null,
      ...changes,
    }),
  });
}
