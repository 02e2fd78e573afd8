import {
  type ASTVisitor,
  type ExecutionArgs,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  type GraphQLSchema,
  type DocumentNode,
  validate,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type DocumentLimits, parseWithin } from './bounded-document.ts';
import { maxCollected } from './bounded-errors.ts';
import { measureVariables, type VariableLimits } from './bounded-variables.ts';
import { checkExclusive } from './exclusive-mutations.ts';
import type { Limits } from './limits.ts';
import { type CostLimits, createCostCheck } from './operation-cost.ts';

/** `extensions.code` of an operation that exceeds the limits on fields, depth or cost. */
const TOO_COMPLEX = 'OPERATION_TOO_COMPLEX';
/** `extensions.code` of an operation whose variables are too large. */
const VARIABLES_TOO_LARGE = 'VARIABLES_TOO_LARGE';

type OperationLimits = DocumentLimits & VariableLimits & CostLimits & Pick<Limits, 'aliases'>;

/** The limits of operations, on the steps that all transports share. */
export interface OperationLimitCheck {
  readonly plugin: Plugin;
  /** Errors of a query or subscription that exceeds the limits; empty if it may run. */
  readonly excess: (args: ExecutionArgs) => readonly GraphQLError[];
}

/**
 * Rejects operations that exceed the limits, before they run. It uses the steps that HTTP and WebSocket share, so no transport
 * bypasses it. Of the `extensions` of a request only the hash of a persisted query is read; its document passes through here too.
 * @param report converts an error of GraphQL to one that clients may see
 */
export function createOperationLimits(
  limits: OperationLimits,
  report: (error: unknown) => GraphQLError,
): OperationLimitCheck {
  const aliasRule = createAliasRule(limits.aliases);
  const excessOfWork = createCostCheck(limits, tooComplex, TOO_COMPLEX);

  // The order matters: earlier steps bound the cost of later ones.
  function excess(args: ExecutionArgs): readonly GraphQLError[] {
    const size = measureVariables(args.variableValues ?? {}, limits);
    if (size.excess !== null) return [rejection(size.excess, VARIABLES_TOO_LARGE)];
    // The cost rule and the execution would find these too, but would not stop after the first few.
    const wrong = findWrongVariables(args, size.characters);
    return wrong.length > 0 ? wrong.map(report) : excessOfWork(args);
  }

  const plugin: Plugin = {
    onParse({ setParseFn }) {
      setParseFn((source: string, options: object) => parseWithin(source, options, limits, tooComplex));
    },
    onValidate({ addValidationRule, setValidationFn }) {
      addValidationRule(aliasRule);
      setValidationFn((schema: GraphQLSchema, document: DocumentNode, rules: readonly ValidationRule[]) =>
        validate(schema, document, rules, { maxErrors: maxCollected(document.loc?.end ?? 0) }).map(explainAbort),
      );
    },
    // The cost depends on the variables, so it cannot be part of validation, whose result is cached.
    onExecute({ args, setResultAndStopExecution }) {
      const repeated = checkExclusive(args);
      const errors = repeated ? [repeated] : excess(args);
      if (errors.length > 0) setResultAndStopExecution({ errors });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const errors = excess(args);
      if (errors.length > 0) setResultAndStopExecution({ errors });
    },
  };
  return { plugin, excess };
}

/** GraphQL stops comparing fields of the same name after a limit, without naming the reason. */
function explainAbort(error: GraphQLError): GraphQLError {
  return error.message === 'Validation aborted.'
    ? tooComplex('The document has too many fields of the same name in one selection. Request each field once.')
    : error;
}

function createAliasRule(maxAliases: number) {
  return function AliasLimitRule(context: ValidationContext): ASTVisitor {
    let aliases = 0;
    return {
      Field({ alias }) {
        if (alias !== undefined && ++aliases === maxAliases + 1) {
          context.reportError(tooComplex(`The document has more than ${maxAliases} aliases. Split it.`));
        }
      },
    };
  };
}

function findWrongVariables(
  { schema, document, operationName, variableValues }: ExecutionArgs,
  characters: number,
): readonly GraphQLError[] {
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  return (
    getVariableValues(schema, definitions, variableValues ?? {}, { maxErrors: maxCollected(characters) }).errors ?? []
  );
}

function tooComplex(message: string): GraphQLError {
  return rejection(message, TOO_COMPLEX);
}

function rejection(message: string, code: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { spec: true, status: 400 } } });
}
