/** Mercurius on Fastify, with its just-in-time compiler. */
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { answerCommands } from '../commands.ts';
import { eventAt, JOB, SDL } from '../progress.ts';
import { publishSteadily } from '../topic.ts';

const app = Fastify();
let step = 0;
app.register(mercurius, {
  schema: SDL,
  jit: 1,
  subscription: true,
  resolvers: {
    Query: { job: () => JOB },
    Subscription: {
      jobProgress: {
        async subscribe(_root, _args, { pubsub }) {
          const events = await pubsub.subscribe('job');
          setImmediate(publishFirst);
          return events;
        },
      },
    },
  },
});
// A snapshot for each new subscriber would go to all of them, so they get one together.
let isPending = false;
function publishFirst() {
  if (isPending) return;
  isPending = true;
  setTimeout(() => {
    isPending = false;
    publish();
  }, 500);
}
const publish = () => app.graphql.pubsub.publish({ topic: 'job', payload: { jobProgress: eventAt((step += 1)) } });

await app.listen({ port: 0, host: '127.0.0.1' });
answerCommands({
  port: () => app.server.address().port,
  publish: (...how) => publishSteadily(publish, ...how),
});
