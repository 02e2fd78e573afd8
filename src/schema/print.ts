import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from './index.ts';

/** The sorted schema as text, the content of `schema.graphql`. `node src/schema/print.ts` writes it to standard output. */
export const schemaText = `${printSchema(lexicographicSortSchema(schema))}\n`;

if (import.meta.main) process.stdout.write(schemaText);
