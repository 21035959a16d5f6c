import { expect, test } from "vitest";
import { z } from "zod";
import { firstProblem } from "../../src/base/first-problem.js";

const schema = z.object({ sides: z.tuple([z.number(), z.number()]) });
const problemOf = (value: unknown): string => {
  const parsed = schema.safeParse(value);
  return parsed.error ? firstProblem(parsed.error, "the entry") : "";
};

test("a problem in data is described with its path, without the wording of the schema library", () => {
  expect(problemOf({})).toBe("sides is missing");
  expect(problemOf(undefined)).toBe("the entry is missing");
  expect(problemOf(3)).toBe("the entry: expected object, received number");
  expect(problemOf({ sides: [1, "2"] })).toBe("sides.1: expected number, received string");
});
