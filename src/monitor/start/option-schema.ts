/** The subset of JSON Schema in which trainers describe their options. */
export interface OptionSchema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly anyOf?: readonly OptionSchema[];
  readonly items?: OptionSchema;
}

/** The kind of form field for an option. */
export type OptionKind = 'CHOICE' | 'SWITCH' | 'NUMBER' | 'WHOLE_NUMBER' | 'LIST' | 'TEXT' | 'JSON';

/** The options of a trainer, by name. */
export function optionSchemas(schema: unknown): Readonly<Record<string, OptionSchema>> {
  return (schema as { properties?: Record<string, OptionSchema> }).properties ?? {};
}

/** The names of the options that have no default. */
export function requiredOptions(schema: unknown): ReadonlySet<string> {
  return new Set((schema as { required?: readonly string[] }).required);
}

/** Selects the form field for an option. Complex types are entered as JSON. */
export function optionKind(schema: OptionSchema): OptionKind {
  if (schema.enum) return 'CHOICE';
  const types = typesOf(schema);
  if (types.size === 1) {
    if (types.has('boolean')) return 'SWITCH';
    if (types.has('number')) return 'NUMBER';
    if (types.has('integer')) return 'WHOLE_NUMBER';
    if (types.has('string')) return 'TEXT';
  }
  return types.has('array') && !types.has('object') ? 'LIST' : 'JSON';
}

function typesOf({ type, anyOf }: OptionSchema): Set<string> {
  const types = new Set(typeof type === 'string' ? [type] : type);
  for (const alternative of anyOf ?? []) for (const each of typesOf(alternative)) types.add(each);
  types.delete('null');
  return types;
}

/**
 * Parses the value that the user typed; `undefined` for empty text, which selects the trainer's default. The server validates the value.
 * @throws SyntaxError when an option takes JSON and the text is not JSON
 */
export function readOption(schema: OptionSchema, text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  switch (optionKind(schema)) {
    case 'CHOICE':
      return schema.enum?.find((choice) => String(choice) === trimmed) ?? trimmed;
    case 'SWITCH':
      return trimmed === 'true';
    case 'NUMBER':
    case 'WHOLE_NUMBER':
      return Number(trimmed);
    case 'TEXT':
      return trimmed;
    case 'LIST':
      return readList(trimmed, typesOf(schema).has('string'));
    case 'JSON':
      return JSON.parse(trimmed);
  }
}

/** Parses `64, 64` and `[64, 64]` as a list. A single text stays a text where the schema allows one. */
function readList(text: string, takesText: boolean): unknown {
  if (text.startsWith('[')) return JSON.parse(text);
  const parts = text.split(',').map((part) => part.trim());
  if (takesText) return parts.length === 1 ? text : parts;
  return parts.map(Number);
}
