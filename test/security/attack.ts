import { codesOf, type GraphQLAnswer, type TestServer } from '../server/support.ts';
import { type Operation, WAYS as EVERY_WAY } from './operations.ts';

/** The answer to an attack. */
export interface Outcome {
  readonly answer: GraphQLAnswer;
  /** Number of characters of the answer. */
  readonly length: number;
}

/** An attack that one operation makes. */
export interface Attack {
  /** Never changes, even if the attack moves or gets another title. */
  readonly id: string;
  readonly title: string;
  /** Source of a similar attack. */
  readonly precedent: string;
  readonly operation: () => Operation;
  /** The `extensions.code` of the first error. */
  readonly code: string;
}

type Send = (server: TestServer, operation: Operation) => Promise<Outcome>;

/** The three ways to send an operation that gives one answer. */
export const WAYS: readonly (readonly [string, Send])[] = EVERY_WAY.map(([name, send]) => [
  name,
  async (server, operation) => {
    const answers = await send(server, operation);
    return { answer: answers[0] ?? {}, length: JSON.stringify(answers).length };
  },
]);

/** The most characters that a refusal may have: five errors of a thousand characters each, what goes with them, and one more. */
export const LONGEST_REFUSAL = 10_000;

/** The part of the outcome of an attack that tests compare. */
export function verdictOn({ answer, length }: Outcome) {
  return { code: codesOf(answer)[0], data: answer.data ?? null, isShort: length <= LONGEST_REFUSAL };
}

/** `count` pieces of text, joined by spaces. */
export function times(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join(' ');
}
