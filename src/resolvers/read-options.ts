import { InvalidInputError, type ReadOptions } from '../runner/index.ts';

/**
 * Returns the options for reading a file from the options of a training.
 * @throws InvalidInputError (`options` is not an object)
 */
export function readOptions(options: unknown): ReadOptions {
  if (options == null) return {};
  if (typeof options === 'object' && !Array.isArray(options)) return options;
  throw new InvalidInputError('options must be an object, for example {"encoding": "gb18030"}.', ['options']);
}
