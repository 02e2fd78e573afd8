import {
  type ASTNode,
  type DirectiveNode,
  type ExecutionArgs,
  type FragmentDefinitionNode,
  getOperationAST,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { isExclusive } from '../../schema/exclusive.ts';

/** `extensions.code` of an operation that starts or deletes more than once. */
const TOO_MANY_MUTATIONS = 'TOO_MANY_MUTATIONS';

/**
 * Rejects an operation with more than one root field that starts a process or deletes jobs, including aliases and fragments.
 * Fields with the same response name run once, so they count once. A field counts unless a directive certainly skips it.
 * @returns the error, or null
 */
export function checkExclusive(args: ExecutionArgs): GraphQLError | null {
  const operation = getOperationAST(args.document, args.operationName);
  const type = args.schema.getMutationType();
  if (operation?.operation !== 'mutation' || !type) return null;
  const fields = type.getFields();
  const found = new Map<string, ASTNode & { readonly name: { readonly value: string } }>();
  for (const field of rootFields(args, operation)) {
    const definition = fields[field.name.value];
    if (definition && isExclusive(definition)) found.set(field.alias?.value ?? field.name.value, field);
  }
  if (found.size <= 1) return null;
  const names = [...new Set([...found.values()].map(({ name }) => name.value))].join(', ');
  return new GraphQLError(
    `This operation has ${found.size} fields that start or delete jobs (${names}); the maximum is 1. Nothing was run. Send each field in a separate operation.`,
    {
      nodes: [...found.values()].slice(0, 2),
      extensions: { code: TOO_MANY_MUTATIONS, http: { spec: true, status: 400 } },
    },
  );
}

function* rootFields({ document, variableValues }: ExecutionArgs, operation: OperationDefinitionNode) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const isSkipped = createSkipCheck(operation, variableValues ?? {});
  // A second spread of a fragment adds nothing: its fields have the same response names.
  const spread = new Set<string>();
  const waiting: SelectionSetNode[] = [operation.selectionSet];
  for (let set = waiting.pop(); set !== undefined; set = waiting.pop()) {
    for (const selection of set.selections) {
      if (isSkipped(selection.directives ?? [])) continue;
      if (selection.kind === Kind.FIELD) yield selection;
      else if (selection.kind === Kind.INLINE_FRAGMENT) waiting.push(selection.selectionSet);
      else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment) waiting.push(fragment.selectionSet);
      }
    }
  }
}

/** Returns a check of whether `@skip` or `@include` skips a selection. Only a plain Boolean can skip it. */
function createSkipCheck(
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): (directives: readonly DirectiveNode[]) => boolean {
  const defaults = new Map(operation.variableDefinitions?.map((it) => [it.variable.name.value, it.defaultValue]));
  return (directives) =>
    directives.some(({ name, arguments: given = [] }) => {
      if (name.value !== 'skip' && name.value !== 'include') return false;
      const value = given.find((argument) => argument.name.value === 'if')?.value;
      const skips = name.value === 'skip';
      if (value?.kind === Kind.BOOLEAN) return value.value === skips;
      if (value?.kind !== Kind.VARIABLE) return false;
      const raw = variables[value.name.value];
      if (raw !== undefined) return raw === skips;
      const fallback = defaults.get(value.name.value);
      return fallback?.kind === Kind.BOOLEAN && fallback.value === skips;
    });
}
