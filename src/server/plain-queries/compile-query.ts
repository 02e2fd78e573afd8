import {
  type FieldNode,
  type FragmentDefinitionNode,
  getArgumentValues,
  getOperationAST,
  type DocumentNode,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type VariableValues,
} from 'graphql';

/** The data of an answer. */
export type Data = Record<string, unknown>;

/**
 * Executes a query.
 * @param variableValues valid ones, as `getVariableValues` returns them
 * @throws anything if the query has to be executed by graphql-js: a field fails, takes time, or returns what this file does not know
 */
export type CompiledQuery = (contextValue: unknown, variableValues: VariableValues) => Data;

/** Fields of a query, fragments expanded: bounds the memory of a compiled query, to about 50 kB. */
const MAX_FIELDS = 128;

/** Why a query has to be executed by graphql-js. Created once, because its stack is not used. */
const UNCERTAIN = new Error('graphql-js has to execute this query.');

type Path = GraphQLResolveInfo['path'];

/** Turns the value of a resolver into that of the answer. */
type Complete = (value: unknown, info: GraphQLResolveInfo, path: Path, run: Run) => unknown;

/** State that all fields of one execution share. */
interface Run {
  readonly contextValue: unknown;
  readonly variableValues: VariableValues;
}

interface Field {
  readonly key: string;
  readonly execute: (source: unknown, path: Path, run: Run) => unknown;
}

/** The same arguments for all fields that have none. */
const NO_ARGUMENTS = Object.freeze({});

/**
 * Prepares a query for many executions: which fields it selects, their resolvers, and how their values are completed. graphql-js finds
 * this out again for each execution. All steps are those of the section "Execution" of the GraphQL specification, but only for what is
 * the same in each execution and answers at once. There is no other outcome than the data: whatever graphql-js would treat as an error,
 * or await, is thrown, and graphql-js executes the query from the start. It is a query, so this changes nothing.
 * @param document valid for the schema
 * @returns null for a query with directives or abstract types, or with too many fields
 */
export function compileQuery(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): CompiledQuery | null {
  const operation = getOperationAST(document, operationName);
  const root = schema.getQueryType();
  if (operation?.operation !== 'query' || !root) return null;
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null) as never;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  try {
    const select = compileSelection({ schema, operation, fragments, fields: 0 }, root, [operation]);
    return (contextValue, variableValues) => select(undefined, undefined, { contextValue, variableValues });
  } catch (error) {
    if (error === UNCERTAIN) return null;
    throw error;
  }
}

interface Compilation {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  /** Number of fields so far. */
  fields: number;
}

/** @param parents whose selections apply to the same objects: the operation, or all fields with the same name in the answer */
function compileSelection(
  compilation: Compilation,
  type: GraphQLObjectType,
  parents: readonly { readonly selectionSet?: SelectionSetNode | undefined }[],
): (source: unknown, path: Path | undefined, run: Run) => Data {
  const nodes = new Map<string, FieldNode[]>();
  const visited = new Set<string>();
  for (const { selectionSet } of parents) if (selectionSet) collect(selectionSet);
  const fields = [...nodes].map(([key, same]) => compileField(compilation, type, key, same));
  return (source, prev, run) => {
    const data: Data = {};
    for (const { key, execute } of fields) data[key] = execute(source, { prev, key, typename: type.name }, run);
    return data;
  };

  /** Fragments apply without a look at their type: a fragment that cannot apply to an object type is not valid there. */
  function collect({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (selection.directives && selection.directives.length > 0) throw UNCERTAIN;
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const same = nodes.get(key);
        if (same) same.push(selection);
        else nodes.set(key, [selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet);
      } else {
        const fragment = compilation.fragments[selection.name.value];
        if (!fragment || fragment.variableDefinitions || fragment.directives?.length) throw UNCERTAIN;
        if (visited.has(selection.name.value)) continue;
        visited.add(selection.name.value);
        collect(fragment.selectionSet);
      }
    }
  }
}

function compileField(
  compilation: Compilation,
  parentType: GraphQLObjectType,
  key: string,
  nodes: readonly FieldNode[],
): Field {
  const { schema, operation, fragments } = compilation;
  const [node] = nodes;
  const field = node && schema.getField(parentType, node.name.value);
  compilation.fields += 1;
  // A plain object has no property of its own with this name.
  if (!node || !field?.resolve || key === '__proto__' || compilation.fields > MAX_FIELDS) throw UNCERTAIN;
  const { name: fieldName, type: returnType } = field;
  const resolve = field.resolve as GraphQLFieldResolver<unknown, unknown>;
  const hasArguments = field.args.length > 0;
  const complete = compileType(compilation, returnType, nodes);
  return {
    key,
    execute(source, path, run) {
      const info: GraphQLResolveInfo = {
        fieldName,
        fieldNodes: nodes,
        returnType,
        parentType,
        path,
        schema,
        fragments,
        rootValue: undefined,
        operation,
        variableValues: run.variableValues,
        getAbortSignal: refuse,
        getAsyncHelpers: refuse,
      };
      const values = hasArguments ? getArgumentValues(field, node, run.variableValues) : NO_ARGUMENTS;
      return complete(resolve(source, values, run.contextValue, info), info, path, run);
    },
  };
}

function compileType(compilation: Compilation, type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete {
  if (isNonNullType(type)) {
    const complete = compileType(compilation, type.ofType, nodes);
    return (value, info, path, run) => complete(value, info, path, run) ?? refuse();
  }
  const complete = compileNullable(compilation, type, nodes);
  return (value, info, path, run) => {
    if (value == null) return null;
    if (typeof value === 'object') checkSettled(value);
    return complete(value, info, path, run);
  };
}

function compileNullable(compilation: Compilation, type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete {
  if (isListType(type)) {
    const complete = compileType(compilation, type.ofType, nodes);
    return (value, info, path, run) => {
      if (!Array.isArray(value)) return refuse();
      const entries: unknown[] = [];
      for (let index = 0; index < value.length; index += 1) {
        entries.push(complete(value[index], info, { prev: path, key: index, typename: undefined }, run));
      }
      return entries;
    };
  }
  if (isLeafType(type)) return (value) => type.coerceOutputValue(value) ?? refuse();
  if (!isObjectType(type)) throw UNCERTAIN;
  const select = compileSelection(compilation, type, nodes);
  return (value, info, path, run) => {
    if (type.isTypeOf && type.isTypeOf(value, run.contextValue, info) !== true) return refuse();
    return select(value, path, run);
  };
}

/** @throws Error if a value is an error, or is not there yet */
function checkSettled(value: object): void {
  if (value instanceof Error) refuse();
  if ('then' in value && typeof value.then === 'function') {
    // It can fail later, when no code waits for it any more.
    void Promise.resolve(value as PromiseLike<unknown>).catch(() => undefined);
    refuse();
  }
}

function refuse(): never {
  throw UNCERTAIN;
}
