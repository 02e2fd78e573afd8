import { createComplexityRule } from '@pothos/plugin-complexity';
import { type ASTVisitor, GraphQLError, parse, validate, type ValidationContext, type ExecutionArgs } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { checkExclusive } from './exclusive-mutations.ts';
import type { Limits } from './limits.ts';

/** `extensions.code` of an operation that asks for too much. */
export const TOO_COMPLEX = 'OPERATION_TOO_COMPLEX';

type OperationLimits = Pick<Limits, 'tokens' | 'aliases' | 'depth' | 'breadth' | 'complexity'>;

/**
 * Refuses operations that ask for too much, before anything of them is run. It hangs on the steps that HTTP and WebSocket
 * share, so there is no way around it.
 */
export function useOperationLimits(limits: OperationLimits): Plugin {
  const aliasRule = createAliasRule(limits.aliases);
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string, options: object) => parseWithin(source, { ...options, maxTokens: limits.tokens }));
    },
    onValidate({ addValidationRule }) {
      addValidationRule(aliasRule);
    },
    // The cost depends on the variables, so it cannot be a part of validation, whose outcome is cached.
    onExecute({ args, setResultAndStopExecution }) {
      const refused = checkExclusive(args);
      const errors = refused ? [refused] : excess(args, limits);
      if (errors.length > 0) setResultAndStopExecution({ errors });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const errors = excess(args, limits);
      if (errors.length > 0) setResultAndStopExecution({ errors });
    },
  };
}

function parseWithin(source: string, options: { maxTokens: number }) {
  try {
    return parse(source, options);
  } catch (error) {
    if (error instanceof GraphQLError && error.message.includes('tokens. Parsing aborted')) {
      throw tooComplex(`The document has more than ${options.maxTokens} tokens. Split it, or use fewer fields.`);
    }
    throw error;
  }
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

function excess(args: ExecutionArgs, limits: OperationLimits): readonly GraphQLError[] {
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
  // The rule also finds variables that are wrong. Those are for the execution to report.
  return validate(args.schema, args.document, [rule]).filter(({ extensions }) => extensions['code'] === TOO_COMPLEX);
}

function tooComplex(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: TOO_COMPLEX, http: { spec: true, status: 400 } } });
}
