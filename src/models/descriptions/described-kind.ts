import { z } from "zod";
import { quoted } from "../../base/visible-text.js";
import type { NodeKind, ValueId } from "../../graph/graph.js";
import type { GraphBuilder } from "../../graph/graph-builder.js";
import { nodeName, valueId } from "../../graph/kinds/kind.js";
import type { NodeOptions } from "../../graph/node-defaults.js";
import { expected, fields } from "./description-fields.js";

/** What a description leaves to others. */
export interface NodeContext {
  readonly classes: number;
  /** Whether the next node of the list is a batch norm. */
  readonly isBeforeNorm: boolean;
}

/** A node of a description that has been read. */
export interface DescribedNode {
  readonly kind: NodeKind;
  readonly name: string | undefined;
  /** Undefined: the node before it. */
  readonly inputs: readonly ValueId[] | undefined;
  /** Adds the node, with its defaults, to a graph. */
  readonly addTo: (
    g: GraphBuilder,
    inputs: readonly ValueId[],
    context: NodeContext,
  ) => readonly ValueId[];
}

/** A wrong field of a node: its name and the problem. */
export type FieldProblem = readonly [field: string, problem: string];

const MAX_INPUTS = 1024;

const isValue = (raw: unknown): raw is string => valueId.safeParse(raw).success;

/** The values that a node reads: one as a text, or a list. */
const inputsField = z
  .custom<string | readonly string[]>(
    (raw) =>
      isValue(raw) ||
      (Array.isArray(raw) && raw.length > 0 && raw.length <= MAX_INPUTS && raw.every(isValue)),
    { error: expected(`the name of a node or input, or a list of 1 to ${MAX_INPUTS} of them`) },
  )
  .transform((inputs) => (typeof inputs === "string" ? [inputs] : inputs));

const nameField = z.custom<string>((raw) => nodeName.safeParse(raw).success, {
  error: expected("1 to 200 letters, digits, and characters of _ . / -"),
});

interface KindDescription<K extends NodeKind, S extends z.ZodRawShape> {
  readonly kind: K;
  readonly shape: S;
  /** Whether the node joins several values, which the description then has to name. */
  readonly needsInputs?: boolean;
  readonly problems?: (node: z.output<z.ZodObject<S>>) => readonly FieldProblem[];
  readonly options: (node: z.output<z.ZodObject<S>>, context: NodeContext) => NodeOptions[K];
}

/** The fields that nodes of every kind have, besides their kind. */
interface CommonFields {
  readonly name?: string;
  readonly inputs?: readonly ValueId[];
}

/** The fields of a node that only its kind has. */
const ownFields = <S extends z.ZodRawShape>(node: object): z.output<z.ZodObject<S>> => {
  const { kind: _, name: __, inputs: ___, ...own } = node as CommonFields & { kind: NodeKind };
  // TypeScript does not follow the fields of a generic shape through the spread into the schema.
  return own as z.output<z.ZodObject<S>>;
};

/** The schema of a kind of node as people write it. */
export const describeKind = <const K extends NodeKind, S extends z.ZodRawShape>({
  kind,
  shape,
  needsInputs = false,
  problems,
  options,
}: KindDescription<K, S>) =>
  fields({
    kind: z.literal(kind),
    name: nameField.optional(),
    inputs: needsInputs ? inputsField : inputsField.optional(),
    ...shape,
  })
    .superRefine((node, context) => {
      for (const [field, message] of problems?.(ownFields<S>(node)) ?? [])
        context.addIssue({ code: "custom", path: [field], message });
    })
    .transform((node): DescribedNode => {
      const { name, inputs } = node as CommonFields;
      return {
        kind,
        name,
        inputs,
        addTo: (g, read, context) =>
          g.node(kind, { name, inputs: read, options: options(ownFields<S>(node), context) }),
      };
    });

/** The message about a node that is of no kind. */
export const kindProblem = (input: unknown, kinds: readonly string[]): string => {
  const kind = (input as { readonly kind?: unknown }).kind;
  const found = typeof kind === "string" ? `there is no kind ${quoted(kind)}` : "expected a kind";
  return `${found}; the kinds are ${kinds.join(", ")}`;
};
