import { createComplexityRule } from '@pothos/plugin-complexity';
import {
  BREAK,
  type DocumentNode,
  type ExecutionArgs,
  getOperationAST,
  type GraphQLError,
  type GraphQLSchema,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { maxCollected } from './bounded-errors.ts';
import type { Limits } from './limits.ts';

export type CostLimits = Pick<Limits, 'depth' | 'breadth' | 'complexity'>;

/** Checks the fields, the depth and the cost of operations. */
export type CostCheck = (args: ExecutionArgs) => readonly GraphQLError[];

/**
 * The verdict on an operation is kept with its document, unless it depends on variables. Only those of allowed operations are kept.
 * @param reject creates the error for an operation that exceeds a limit, from a message that names the limit
 * @param code of that error
 */
export function createCostCheck(
  limits: CostLimits,
  reject: (message: string) => GraphQLError,
  code: string,
): CostCheck {
  /** Names of the operations that are allowed whatever their variables are; null for the only operation of a document. */
  const allowed = new WeakMap<DocumentNode, Set<string | null>>();
  const fixed = new WeakMap<DocumentNode, boolean>();

  function isFixed(schema: GraphQLSchema, document: DocumentNode): boolean {
    const known = fixed.get(document) ?? !costDependsOnVariables(schema, document);
    fixed.set(document, known);
    return known;
  }

  return (args) => {
    const { schema, document } = args;
    const operationName = args.operationName ?? null;
    if (allowed.get(document)?.has(operationName)) return [];
    const errors = measure(args, limits, reject).filter(({ extensions }) => extensions['code'] === code);
    // Only names that exist, so that their number is bounded by the document.
    if (errors.length === 0 && getOperationAST(document, operationName) && isFixed(schema, document)) {
      const names = allowed.get(document) ?? new Set();
      allowed.set(document, names.add(operationName));
    }
    return errors;
  };
}

function measure(
  args: ExecutionArgs,
  limits: CostLimits,
  reject: (message: string) => GraphQLError,
): readonly GraphQLError[] {
  const rule = createComplexityRule({
    context: Object(args.contextValue) as object,
    variableValues: { ...args.variableValues },
    operationName: args.operationName ?? null,
    validate: (cost, report) => {
      for (const [unit, requested, limit] of [
        ['levels of fields', cost.depth, limits.depth],
        ['fields', cost.breadth, limits.breadth],
        ['units of work', cost.complexity, limits.complexity],
      ] as const) {
        if (requested > limit) {
          report(
            reject(
              `This operation requests ${requested} ${unit}; the maximum is ${limit}. Request fewer fields, smaller pages (first, last) or fewer points (maxPoints).`,
            ),
          );
        }
      }
    },
  });
  return validate(args.schema, args.document, [rule], { maxErrors: maxCollected(0) });
}

/** Whether a field whose cost is calculated from its arguments gets a variable. Nothing else of a cost depends on variables. */
function costDependsOnVariables(schema: GraphQLSchema, document: DocumentNode): boolean {
  const types = new TypeInfo(schema);
  let depends = false;
  visit(
    document,
    visitWithTypeInfo(types, {
      Field(node) {
        if (typeof types.getFieldDef()?.extensions['complexity'] !== 'function') return undefined;
        for (const argument of node.arguments ?? []) {
          visit(argument, {
            Variable() {
              depends = true;
            },
          });
        }
        return depends ? BREAK : undefined;
      },
    }),
  );
  return depends;
}
