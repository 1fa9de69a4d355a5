/**
 * Which type an answer has, by the header Accept.
 *
 * @module
 */
import { HttpError } from "./answers.ts";

/**
 * Chooses the type that a request likes most.
 *
 * @param header Accept, as "image/webp, image/*;q=0.5"; null for anything
 * @param types What can be given; the first one where several are liked alike
 * @returns One of the types
 * @throws {HttpError} 406 if none is accepted
 */
export function chooseType(header: string | null, types: readonly string[]): string {
  const ranges = (header ?? "*/*").split(",").map((range) => {
    const [name, ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return { name, weight: weight === undefined ? 1 : Number(weight) || 0 };
  });
  // The most exact range counts: a type, then all of its kind, then all.
  const weightOf = (type: string) =>
    [type, `${type.split("/")[0]}/*`, "*/*"]
      .map((name) => ranges.find((range) => range.name === name))
      .find((range) => range !== undefined)?.weight ?? 0;
  const best = types.reduce((one, other) => weightOf(other) > weightOf(one) ? other : one);
  if (weightOf(best) > 0) return best;
  throw new HttpError(406, `Cannot answer as none of ${types.join(", ")} is accepted`);
}
