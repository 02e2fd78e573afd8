import { createComplexityRule } from '@pothos/plugin-complexity';
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
import { MAX_FOUND } from './bounded-errors.ts';
import { findExcess, type VariableLimits } from './bounded-variables.ts';
import { checkExclusive } from './exclusive-mutations.ts';
import type { Limits } from './limits.ts';

/** `extensions.code` of an operation that asks for too much. */
const TOO_COMPLEX = 'OPERATION_TOO_COMPLEX';
/** `extensions.code` of an operation whose variables are too large. */
const VARIABLES_TOO_LARGE = 'VARIABLES_TOO_LARGE';

type OperationLimits = DocumentLimits & VariableLimits & Pick<Limits, 'aliases' | 'depth' | 'breadth' | 'complexity'>;

/**
 * Refuses operations that ask for too much, before anything of them is run. It hangs on the steps that HTTP and WebSocket
 * share, so there is no way around it. The `extensions` of a request are not checked: nothing reads them.
 * @param report makes an error of GraphQL one that clients may see
 */
export function useOperationLimits(limits: OperationLimits, report: (error: unknown) => GraphQLError): Plugin {
  const aliasRule = createAliasRule(limits.aliases);

  // The order matters: each step may cost as much as those before it allow.
  function excess(args: ExecutionArgs): readonly GraphQLError[] {
    const tooLarge = findExcess(args.variableValues ?? {}, limits);
    if (tooLarge !== null) return [refusal(tooLarge, VARIABLES_TOO_LARGE)];
    // Both the cost and the execution would find these too, but not stop at the first few.
    const wrong = findWrongVariables(args);
    return wrong.length > 0 ? wrong.map(report) : excessOfWork(args, limits);
  }

  return {
    onParse({ setParseFn }) {
      setParseFn((source: string, options: object) => parseWithin(source, options, limits, tooComplex));
    },
    onValidate({ addValidationRule, setValidationFn }) {
      addValidationRule(aliasRule);
      setValidationFn((schema: GraphQLSchema, document: DocumentNode, rules: readonly ValidationRule[]) =>
        validate(schema, document, rules, { maxErrors: MAX_FOUND }).map(explainAbort),
      );
    },
    // The cost depends on the variables, so it cannot be a part of validation, whose outcome is cached.
    onExecute({ args, setResultAndStopExecution }) {
      const refused = checkExclusive(args);
      const errors = refused ? [refused] : excess(args);
      if (errors.length > 0) setResultAndStopExecution({ errors });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const errors = excess(args);
      if (errors.length > 0) setResultAndStopExecution({ errors });
    },
  };
}

/** GraphQL gives up comparing fields that share a name after a while, and does not say so. */
function explainAbort(error: GraphQLError): GraphQLError {
  return error.message === 'Validation aborted.'
    ? tooComplex('The document has too many fields of the same name in one place. Ask for each field once.')
    : error;
}

function createAliasRule(most: number) {
  return function AliasLimitRule(context: ValidationContext): ASTVisitor {
    let aliases = 0;
    return {
      Field({ alias }) {
        if (alias !== undefined && ++aliases === most + 1) {
          context.reportError(tooComplex(`The document has more than ${most} aliases. Split it.`));
        }
      },
    };
  };
}

function findWrongVariables({
  schema,
  document,
  operationName,
  variableValues,
}: ExecutionArgs): readonly GraphQLError[] {
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  return getVariableValues(schema, definitions, variableValues ?? {}, { maxErrors: MAX_FOUND }).errors ?? [];
}

function excessOfWork(args: ExecutionArgs, limits: OperationLimits): readonly GraphQLError[] {
  const rule = createComplexityRule({
    context: Object(args.contextValue) as object,
    variableValues: { ...args.variableValues },
    operationName: args.operationName ?? null,
    validate: (cost, report) => {
      for (const [what, asked, most] of [
        ['levels of fields', cost.depth, limits.depth],
        ['fields', cost.breadth, limits.breadth],
        ['units of work', cost.complexity, limits.complexity],
      ] as const) {
        if (asked > most) {
          report(
            tooComplex(
              `This operation asks for ${asked} ${what}, and at most ${most} are allowed. Ask for fewer fields, smaller pages (first, last) or fewer points (maxPoints).`,
            ),
          );
        }
      }
    },
  });
  return validate(args.schema, args.document, [rule], { maxErrors: MAX_FOUND }).filter(
    ({ extensions }) => extensions['code'] === TOO_COMPLEX,
  );
}

function tooComplex(message: string): GraphQLError {
  return refusal(message, TOO_COMPLEX);
}

function refusal(message: string, code: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { spec: true, status: 400 } } });
}
