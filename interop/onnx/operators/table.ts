/**
 * All operators together.
 *
 * @module
 */
import { convolutionOperators } from "./convolution.ts";
import { elementwiseOperators } from "./elementwise.ts";
import { indexingOperators } from "./indexing.ts";
import { matrixOperators } from "./matrix.ts";
import { normalizationOperators } from "./normalization.ts";
import type { Operator, OperatorTable } from "./operator.ts";
import { poolingOperators } from "./pooling.ts";
import { reductionOperators } from "./reduction.ts";
import { resizeOperators } from "./resize.ts";
import { shapeOperators } from "./shape.ts";

const OPERATORS: OperatorTable = {
  ...convolutionOperators,
  ...poolingOperators,
  ...elementwiseOperators,
  ...normalizationOperators,
  ...matrixOperators,
  ...shapeOperators,
  ...indexingOperators,
  ...reductionOperators,
  ...resizeOperators,
};

/** The operators that are here, sorted. */
export const operatorNames: readonly string[] = Object.keys(OPERATORS).sort();

/** An operator by ONNX's name; undefined if it is not here. */
export function operatorOf(name: string): Operator | undefined {
  return Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
}
