/** Stock graphql-ws with `ws`. */
import { createServer } from 'node:http';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { answerCommands } from '../commands.ts';
import { eventAt, SDL } from '../progress.ts';
import { createTopic, publishSteadily } from '../topic.ts';

const topic = createTopic();
let step = 0;
const publish = () => topic.publish({ jobProgress: eventAt((step += 1)) });

async function* watch() {
  yield { jobProgress: eventAt(step) };
  yield* topic.subscribe();
}

const http = createServer();
const sockets = new WebSocketServer({ server: http, path: '/graphql' });
useServer({ schema: buildSchema(SDL), roots: { subscription: { jobProgress: watch } } }, sockets);

http.listen(0, '127.0.0.1', () =>
  answerCommands({
    port: () => http.address().port,
    publish: (...how) => publishSteadily(publish, ...how),
  }),
);
