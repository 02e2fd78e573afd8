import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from './index.ts';

/** The schema as text, sorted: what `schema.graphql` holds. `node src/schema/print.ts` writes it to standard output. */
export const schemaText = `${printSchema(lexicographicSortSchema(schema))}\n`;

if (import.meta.main) process.stdout.write(schemaText);
