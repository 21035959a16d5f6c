/**
 * The part of zod that the readers of packed files use, in 2 KB instead of 60. The bundle of `qprune/runtime` has it in the
 * place of zod; a test compares what both accept. Messages have zod's form, which firstProblem expects.
 */

interface Issue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

type Parsed = { readonly value: unknown } | { readonly issues: readonly Issue[] };
type Parse = (value: unknown) => Parsed;

const isProblem = (parsed: Parsed): parsed is { readonly issues: readonly Issue[] } =>
  "issues" in parsed;

const problem = (message: string, path: Issue["path"] = []): Parsed => ({
  issues: [{ path, message }],
});

const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Number.isNaN(value)) return "NaN";
  return Array.isArray(value) ? "array" : typeof value;
};

const expected = (what: string, value: unknown): Parsed =>
  problem(`Invalid input: expected ${what}, received ${kindOf(value)}`);

const inside = (parsed: Parsed, key: string | number): Parsed =>
  isProblem(parsed)
    ? { issues: parsed.issues.map(({ path, message }) => ({ path: [key, ...path], message })) }
    : parsed;

/** The message and place that a refinement may have. */
interface RefinementOptions {
  readonly error?: string;
  readonly message?: string;
  readonly path?: readonly (string | number)[];
}

type Context = {
  readonly addIssue: (issue: { readonly message: string; readonly path?: Issue["path"] }) => void;
};

const NEVER = Symbol("never");

interface Schema {
  readonly run: Parse;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly values?: readonly unknown[];
  readonly [method: string]: unknown;
}

/** A schema with the methods that narrow it. */
const schema = (run: Parse, rest: Partial<Schema> = {}): Schema => {
  const and = (test: (value: never) => boolean, message: string): Schema =>
    schema((value) => {
      const parsed = run(value);
      if (isProblem(parsed)) return parsed;
      return test(parsed.value as never) ? parsed : problem(message);
    });
  const sizeOf = (value: unknown): number =>
    typeof value === "number" ? value : (value as string | unknown[]).length;
  const bound = (word: string, test: (size: number, limit: number) => boolean) => (limit: number) =>
    and((value) => test(sizeOf(value), limit), `${word}${limit}`);
  const unchanged = (): Schema => self;
  const self: Schema = {
    run,
    ...rest,
    min: bound("Too small: expected >=", (size, limit) => size >= limit),
    max: bound("Too big: expected <=", (size, limit) => size <= limit),
    gt: bound("Too small: expected >", (size, limit) => size > limit),
    lt: bound("Too big: expected <", (size, limit) => size < limit),
    length: bound("Invalid input: expected a length of ", (size, limit) => size === limit),
    positive: () => and((value: number) => value > 0, "Too small: expected >0"),
    nonnegative: () => and((value: number) => value >= 0, "Too small: expected >=0"),
    int: () => and(Number.isSafeInteger, "Invalid input: expected int, received number"),
    regex: (pattern: RegExp, message = "Invalid string") =>
      and((value: string) => pattern.test(value), message),
    optional: () => schema((value) => (value === undefined ? { value } : run(value))),
    nullable: () => schema((value) => (value === null ? { value } : run(value))),
    default: (fallback: unknown) => schema((value) => run(value === undefined ? fallback : value)),
    readonly: unchanged,
    describe: unchanged,
    refine: (test: (value: unknown) => boolean, options: string | RefinementOptions = {}) =>
      schema((value) => {
        const parsed = run(value);
        if (isProblem(parsed) || test(parsed.value)) return parsed;
        const {
          error,
          message = error ?? "Invalid input",
          path,
        } = typeof options === "string" ? { message: options, error: options, path: [] } : options;
        return problem(message, path);
      }, rest),
    transform: (turn: (value: unknown, context: Context) => unknown) =>
      schema((value) => {
        const parsed = run(value);
        if (isProblem(parsed)) return parsed;
        const issues: Issue[] = [];
        const addIssue: Context["addIssue"] = ({ message, path = [] }) =>
          issues.push({ message, path });
        const turned = turn(parsed.value, { addIssue });
        return turned === NEVER ? { issues } : { value: turned };
      }),
    safeParse: (value: unknown) => {
      const parsed = run(value);
      return isProblem(parsed)
        ? { success: false, error: { issues: parsed.issues } }
        : { success: true, data: parsed.value };
    },
  };
  return self;
};

const typed = (kind: string): Schema =>
  schema((value) => (kindOf(value) === kind ? { value } : expected(kind, value)));

const number = (): Schema =>
  schema((value) =>
    typeof value === "number" && Number.isFinite(value) ? { value } : expected("number", value),
  );

const oneOf = (values: readonly unknown[]): Schema =>
  schema(
    (value) =>
      values.includes(value)
        ? { value }
        : problem(
            `Invalid option: expected one of ${values.map((each) => JSON.stringify(each)).join("|")}`,
          ),
    { values },
  );

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  kindOf(value) === "object";

/** The fields of an object; further ones are dropped, or refused if it is strict. */
const object = (shape: Readonly<Record<string, Schema>>, isStrict: boolean): Schema =>
  schema(
    (value) => {
      if (!isObject(value)) return expected("object", value);
      const fields: [string, unknown][] = [];
      for (const [key, field] of Object.entries(shape)) {
        const own = Object.hasOwn(value, key) ? value[key] : undefined;
        const parsed = inside(field.run(own), key);
        if (isProblem(parsed)) return parsed;
        if (parsed.value !== undefined) fields.push([key, parsed.value]);
      }
      const further = Object.keys(value).find((key) => !Object.hasOwn(shape, key));
      if (isStrict && further !== undefined)
        return problem(`Unrecognized key: ${JSON.stringify(further)}`);
      return { value: Object.fromEntries(fields) };
    },
    { shape },
  );

/** Each value by the schema of its key, in order. */
const each = (entries: readonly (readonly [string | number, unknown, Schema])[]): Parsed => {
  const values: unknown[] = [];
  for (const [key, value, of] of entries) {
    const parsed = inside(of.run(value), key);
    if (isProblem(parsed)) return parsed;
    values.push(parsed.value);
  }
  return { value: values };
};

const array = (of: Schema): Schema =>
  schema((value) =>
    Array.isArray(value)
      ? each(value.map((item, at) => [at, item, of] as const))
      : expected("array", value),
  );

const tuple = (items: readonly Schema[]): Schema =>
  schema((value) => {
    if (!Array.isArray(value)) return expected("tuple", value);
    if (value.length !== items.length)
      return problem(`Invalid input: expected ${items.length} items, received ${value.length}`);
    return each(items.map((item, at) => [at, value[at], item] as const));
  });

const record = (_: Schema, of: Schema): Schema =>
  schema((value) => {
    if (!isObject(value)) return expected("record", value);
    const keys = Object.keys(value);
    const parsed = each(keys.map((key) => [key, value[key], of] as const));
    if (isProblem(parsed)) return parsed;
    const values = parsed.value as unknown[];
    return { value: Object.fromEntries(keys.map((key, at) => [key, values[at]])) };
  });

const union = (options: readonly Schema[]): Schema =>
  schema((value) => {
    const all = options.map((option) => option.run(value));
    return all.find((parsed) => !isProblem(parsed)) ?? problem("Invalid input");
  });

/** The option whose field `key` has the value's. */
const discriminatedUnion = (key: string, options: readonly Schema[]): Schema =>
  schema((value) => {
    if (!isObject(value)) return expected("object", value);
    const option = options.find(({ shape }) => shape?.[key]?.values?.includes(value[key]));
    return option ? option.run(value) : problem("Invalid input", [key]);
  });

export const z = {
  NEVER,
  string: () => typed("string"),
  boolean: () => typed("boolean"),
  number,
  int: () => (number().int as () => Schema)(),
  literal: (value: unknown) => oneOf([value]),
  enum: oneOf,
  object: (shape: Readonly<Record<string, Schema>>) => object(shape, false),
  strictObject: (shape: Readonly<Record<string, Schema>>) => object(shape, true),
  array,
  tuple,
  record,
  union,
  discriminatedUnion,
  unknown: () => schema((value) => ({ value })),
  custom: (test: (value: unknown) => boolean) =>
    schema((value) => (test(value) ? { value } : problem("Invalid input"))),
};
