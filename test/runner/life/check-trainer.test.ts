import { expect, test } from 'vitest';
import { InvalidInputError, TrainerUnavailableError } from '../../../src/runner/job/errors.ts';
import { type StartInput, STANDARD_SETTINGS } from '../../../src/runner/job/request.ts';
import { checkSettings, unavailability } from '../../../src/runner/life/check-trainer.ts';
import { resolveInput } from '../../../src/runner/life/start-input.ts';
import type { TrainerDescription } from '../../../src/runner/python/trainer-description.ts';

const shipped: TrainerDescription = {
  name: 'tabular',
  source: 'SHIPPED',
  title: '',
  description: '',
  available: true,
  unavailableReason: null,
  backends: ['TORCH', 'SIMULATION'],
  settings: STANDARD_SETTINGS,
  acceptsArguments: false,
  defaults: { epochs: 100, batchSize: 32, learningRate: 0.01, seed: 0 },
  options: { type: 'object' },
  versions: {},
};
const script: TrainerDescription = {
  ...shipped,
  name: 'train',
  source: 'FOLDER',
  backends: [],
  settings: ['epochs', 'learningRate'],
  acceptsArguments: true,
  defaults: { epochs: 5, batchSize: null, learningRate: null, seed: null },
};

function refusal(input: StartInput, trainer: TrainerDescription): InvalidInputError | null {
  try {
    checkSettings(input, trainer);
    return null;
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
}

test('a setting that a script has no flag for is refused by name', () => {
  expect(refusal({ batchSize: 4 }, script)).toMatchObject({
    inputPath: ['input', 'batchSize'],
    message:
      'Trainer train has no setting batchSize. It accepts: epochs, learningRate. Use options or arguments for others.',
  });
  expect(refusal({ dataset: 'sample.csv' }, { ...script, settings: [] })?.message).toContain('It accepts none.');
  expect(refusal({ epochs: 3, learningRate: 0.1, arguments: ['--amp'], processes: 2 }, script)).toBeNull();
});

test('a shipped trainer takes no arguments and runs as one process', () => {
  expect(refusal({ arguments: ['--amp'] }, shipped)?.inputPath).toEqual(['input', 'arguments']);
  expect(refusal({ processes: 2 }, shipped)?.inputPath).toEqual(['input', 'processes']);
  expect(refusal({ arguments: [], processes: 1 }, shipped)).toBeNull();
});

test('what a script has no value for is null, and only shipped trainers get the sample', () => {
  const request = resolveInput({ trainer: 'train', arguments: ['--amp'] }, [shipped, script], 0);
  expect(request).toMatchObject({
    dataset: null,
    epochs: 5,
    batchSize: null,
    learningRate: null,
    seed: null,
    arguments: ['--amp'],
    processes: 1,
  });
  expect(resolveInput({}, [shipped, script], 0)).toMatchObject({ dataset: 'sample.csv', arguments: [], processes: 1 });
});

test.each<[StartInput, string]>([
  [{ arguments: ['a\0b'] }, 'must not contain a NUL'],
  [{ arguments: Array.from({ length: 1001 }, () => 'x') }, 'at most 1000 entries'],
  [{ arguments: ['x'.repeat(8193)] }, 'at most 8192 characters'],
  [{ arguments: Array.from({ length: 100 }, () => 'x'.repeat(1000)) }, 'at most 65536 characters in total'],
  [{ processes: 0 }, 'processes must be a whole number from 1 to 1,024; it was 0.'],
])('arguments and processes are bounded: %#', (input, message) => {
  expect(() => resolveInput({ ...input, trainer: 'train' }, [script], 0)).toThrow(message);
});

test('a script that is gone, and a long list of others, are named as such', () => {
  expect(unavailability('gone', 'AUTO', [shipped, script])).toBe('Trainer gone no longer exists: put its script back.');
  const unread = { ...shipped, available: false, unavailableReason: 'Python is missing.' };
  expect(unavailability('train', 'AUTO', [unread])).toBe('Python is missing.');
  const many = Array.from({ length: 30 }, (_, index) => ({ ...script, name: `n${index}` }));
  expect(() => resolveInput({ trainer: 'gone' }, [shipped, ...many], 0)).toThrow(
    /: tabular, n0, .+, n18 and 11 others\.$/,
  );
});

test('a script has no backend to choose', () => {
  expect(unavailability('train', 'AUTO', [script])).toBeNull();
  expect(unavailability('train', 'SIMULATION', [script])).toContain('Omit backend.');
});

test('a required option can be given by its flag in the arguments of a script', () => {
  const options = { type: 'object', properties: { num_layers: {}, out: {} }, required: ['num_layers', 'out'] };
  const trainer = { ...script, options };
  const start = (...given: string[]) => resolveInput({ trainer: 'train', arguments: given }, [trainer], 0);
  expect(start('--num-layers', '3', '--out=x').arguments).toEqual(['--num-layers', '3', '--out=x']);
  expect(() => start('--num-layers=3', 'out')).toThrow(
    'Trainer train requires the option "out". Set it in options, or its flag in arguments.',
  );
  expect(() => start()).toThrow('requires the option "num_layers"');
});

test('a schema that only Python can read is a mistake in the metadata of the script', () => {
  const options = { type: 'object', properties: { x: { type: 'string', pattern: '(?P<a>b)' } } };
  const start = () => resolveInput({ trainer: 'train', options: { x: 'b' } }, [{ ...script, options }], 0);
  expect(start).toThrow(/^The options of trainer train are not valid: .+ Correct its metadata\.$/);
});

test('a script is not unknown if Python could not be asked for the trainers', () => {
  const reason = 'Python at python did not answer within 60 seconds.';
  const unread = { ...shipped, available: false, unavailableReason: reason, defaults: null };
  expect(() => resolveInput({ trainer: 'train' }, [unread], 0)).toThrow(new TrainerUnavailableError('train', reason));
});
