/** Stock GraphQL Yoga. */
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { answerCommands } from '../commands.ts';
import { JOB, SDL } from '../progress.ts';

const schema = createSchema({ typeDefs: SDL, resolvers: { Query: { job: () => JOB } } });
const http = createServer(createYoga({ schema, logging: false }));
http.listen(0, '127.0.0.1', () => answerCommands({ port: () => http.address().port }));
