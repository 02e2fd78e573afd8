/** Stock Apollo Server. */
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { answerCommands } from '../commands.ts';
import { JOB, SDL } from '../progress.ts';

const server = new ApolloServer({ typeDefs: SDL, resolvers: { Query: { job: () => JOB } } });
const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1', path: '/graphql' } });
answerCommands({ port: () => Number(new URL(url).port) });
