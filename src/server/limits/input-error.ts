import { INPUT_LIMITS, RESOURCE_LIMITS, wholeNumberText } from '../../runner/index.ts';

/** GraphQL's message about a number that its type cannot express: the place in a variable (if any), the type and the value. */
const NUMBER =
  /^(?:Variable "\$(\w+)" has invalid value(?: at \.?(\S+))?: )?(?:Expected .*?; )?(Int|Float) cannot represent [^:]*: (.+)$/s;
const INT_BOUND = 2 ** 31;

/**
 * Turns GraphQL's message about a number that its type cannot express into a sentence with the bounds of the field. Returns other messages
 * unchanged.
 */
export function explainNumber(message: string): string {
  const [, variable, path, type, value = ''] = NUMBER.exec(message) ?? [];
  if (type === undefined) return message;
  const field = path?.split('.').at(-1) ?? variable ?? 'The value';
  const limits = Object.entries({ ...INPUT_LIMITS, ...RESOURCE_LIMITS }).find(([name]) => name === field)?.[1];
  const what = type === 'Float' ? 'a number' : wholeNumberText(...(limits ?? ([-INT_BOUND, INT_BOUND - 1] as const)));
  return `${field} must be ${what}; it was ${value.replace(/\.$/, '')}.`;
}
