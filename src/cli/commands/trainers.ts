import { LIST_TRAINERS } from '../api/operations/trainers.ts';
import { EXIT } from '../exit-code.ts';
import type { ListTrainersQuery } from '../graphql/graphql.ts';
import type { Screen } from '../terminal/screen.ts';
import { wrapLastColumn } from '../terminal/table.ts';
import { wrapText } from '../terminal/text-width.ts';
import { UsageError } from '../usage-error.ts';
import { type Action, type AddCommand, examples } from './command.ts';
import { apiFor, type CommonFlags } from './context.ts';

type Trainer = ListTrainersQuery['trainers'][number];

/** The schema of one option. */
interface OptionSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
}

/** `trainyard trainers` */
export const addTrainers: AddCommand = (program, run) => {
  program
    .command('trainers')
    .description('list the trainers: the shipped ones and the scripts of the trainers folder')
    .argument('[name]', 'print the settings and options of this trainer')
    .addHelpText(
      'after',
      examples(
        ['trainyard trainers', 'list all trainers'],
        ['trainyard trainers train', 'the options of trainers/train.py'],
      ),
    )
    .action(run(trainers));
};

const trainers: Action<CommonFlags, [name?: string]> = async (context, flags, name) => {
  const { screen } = context;
  const { trainers: all } = await apiFor(flags, context).request(LIST_TRAINERS, {});
  const chosen = name === undefined ? all : all.filter((trainer) => trainer.name === name);
  if (chosen.length === 0) {
    throw new UsageError(`No trainer is named ${String(name)}. There are: ${all.map((each) => each.name).join(', ')}.`);
  }
  if (flags.json === true) screen.print(JSON.stringify(chosen, null, 2));
  else if (name === undefined) for (const line of listOf(chosen, screen)) screen.print(line);
  else for (const line of chosen.flatMap((trainer) => descriptionOf(trainer, screen))) screen.print(line);
  return EXIT.SUCCESS;
};

function listOf(all: readonly Trainer[], screen: Screen): string[] {
  const rows = all.map(({ name, source, available, unavailableReason, title, description }) => [
    screen.style('bold', name),
    source.toLowerCase(),
    available ? firstLine(description || title) : screen.style('yellow', `unavailable: ${unavailableReason ?? ''}`),
  ]);
  return wrapLastColumn(
    [['NAME', 'SOURCE', 'DESCRIPTION'].map((title) => screen.style('dim', title)), ...rows],
    screen,
  );
}

function descriptionOf(trainer: Trainer, screen: Screen): string[] {
  const { name, source, title, description, available, unavailableReason, settings, acceptsArguments } = trainer;
  const properties = (trainer.options as { properties?: Readonly<Record<string, OptionSchema>> }).properties ?? {};
  const options = Object.entries(properties).map(([option, schema]) => [
    `  ${screen.style('bold', option)}`,
    [firstLine(schema.description ?? ''), detailsOf(schema)].filter((text) => text !== '').join(' '),
  ]);
  const wrap = (text: string) => (screen.interactive ? wrapText(text, screen.columns - 1) : [text]);
  return [
    `${screen.style('bold', name)} (${source.toLowerCase()}): ${title}`,
    ...(description === '' ? [] : wrap(description)),
    ...(available ? [] : wrap(screen.style('yellow', `Unavailable: ${unavailableReason ?? ''}`))),
    ...wrap(`Settings: ${settings.length > 0 ? settings.map(flagOf).join(' ') : 'none'}`),
    ...(options.length > 0 ? ['Options (-o name=value):', ...wrapLastColumn(options, screen)] : ['Options: none']),
    ...(acceptsArguments ? wrap('Other command-line arguments: `trainyard run` or --argument.') : []),
  ];
}

/** BATCH_SIZE is `--batch-size`. */
function flagOf(setting: Trainer['settings'][number]): string {
  return `--${setting.toLowerCase().replaceAll('_', '-')}`;
}

/** Values and default of an option: `(one of 16, 32; default 16)`; empty without both. */
function detailsOf({ type, enum: choices, default: value }: OptionSchema): string {
  const known = choices?.filter((choice) => choice !== null).map(String);
  const values = known ? [`one of ${known.join(', ')}`] : type === undefined ? [] : [[type].flat().join(' or ')];
  const parts = [
    ...values,
    ...(value == null ? [] : [`default ${typeof value === 'string' && value !== '' ? value : JSON.stringify(value)}`]),
  ];
  return parts.length === 0 ? '' : `(${parts.join('; ')})`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
