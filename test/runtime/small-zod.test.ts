import { expect, test } from "vitest";
import { z as zod } from "zod";
import { z as small } from "../../src/runtime/bundle/small-zod.js";

/** A schema with everything that the readers of packed files use. */
const schemaOf = (z: typeof zod) =>
  z
    .strictObject({
      name: z.string().regex(/^[a-z]{1,5}$/, "a name"),
      size: z.int().positive().max(9),
      share: z.number().min(0).lt(1).optional(),
      sides: z.tuple([z.int(), z.int()]).readonly(),
      kind: z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("a"), bits: z.union([z.int().min(1).max(8), z.literal(32)]) }),
        z
          .object({ kind: z.literal("b"), has: z.boolean() })
          .refine(({ has }) => has, { error: "needs it", path: ["has"] }),
      ]),
      list: z
        .array(z.enum(["x", "y"]))
        .min(1)
        .max(3),
      record: z.record(z.string(), z.number().nonnegative()),
      gap: z.number().gt(0).nullable(),
      form: z.enum(["one", "two"]).default("one"),
      any: z.unknown().transform((raw, context) => {
        if (typeof raw === "string") return raw.length;
        context.addIssue({ code: "custom", message: "no text" });
        return z.NEVER;
      }),
    })
    .refine((value) => value.size !== 7, "not seven");

const GOOD = {
  name: "abc",
  size: 3,
  sides: [1, 2],
  kind: { kind: "a", bits: 4 },
  list: ["x"],
  record: { one: 1 },
  gap: null,
  any: "text",
};

const changes: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { share: 0.5, form: "two", kind: { kind: "b", has: true } },
  { name: "ABC" },
  { name: 3 },
  { size: 0 },
  { size: 2.5 },
  { size: Number.NaN },
  { size: 10 },
  { size: 7 },
  { share: 1 },
  { share: null },
  { sides: [1] },
  { sides: [1, 2, 3] },
  { sides: { 0: 1 } },
  { kind: { kind: "c" } },
  { kind: { kind: "a", bits: 9 } },
  { kind: { kind: "a", bits: 32, more: 1 } },
  { kind: { kind: "b", has: false } },
  { kind: null },
  { list: [] },
  { list: ["x", "y", "x", "y"] },
  { list: ["z"] },
  { record: { one: -1 } },
  { record: [] },
  { gap: 0 },
  { form: "three" },
  { any: 3 },
  { further: 1 },
];

test("the small replacement of zod accepts, refuses and returns what zod does", () => {
  // Both are used through the same methods; their types differ.
  const [own, other] = [schemaOf(small as unknown as typeof zod), schemaOf(zod)];
  for (const change of [...changes, null, "text"]) {
    const value = typeof change === "object" && change ? { ...GOOD, ...change } : change;
    const [actual, expected] = [own.safeParse(value), other.safeParse(value)];
    expect(actual.success, JSON.stringify(change)).toBe(expected.success);
    if (expected.success) expect(actual.data).toEqual(expected.data);
    else
      expect(actual.error?.issues[0]?.path, JSON.stringify(change)).toEqual(
        expected.error.issues[0]?.path,
      );
  }
});
