import { z } from "zod";
import { QpruneError } from "../../base/errors.js";
import { visibleText } from "../../base/visible-text.js";

/** A layer or model as its JSON describes it. */
export interface LayerConfig {
  readonly className: string;
  /** Unique within its model. */
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** What it reads, one list for each time that it is called; empty within a sequence. */
  readonly calls: readonly (readonly Argument[])[];
}

/** What a layer reads: the output of another layer's call, or a number. */
export type Argument =
  | {
      readonly kind: "value";
      readonly layer: string;
      readonly call: number;
      readonly output: number;
    }
  | { readonly kind: "number"; readonly value: number };

/** The error for JSON that does not describe a model of Keras. */
export const malformedKeras = (where: string, reason: string): QpruneError =>
  new QpruneError(visibleText(`${where}: its Keras model is not valid: ${reason}.`), {
    hint: "Save it again, and check that it was copied completely.",
  });

const record = z.record(z.string(), z.unknown());
const layerSchema = z.object({
  class_name: z.string().max(200),
  name: z.string().max(500).optional(),
  config: z.union([record, z.array(z.unknown()).transform((layers) => ({ layers }))]),
  inbound_nodes: z.array(z.unknown()).optional(),
});

const reference = z
  .tuple([z.string(), z.int().nonnegative(), z.int().nonnegative()])
  .rest(z.unknown());

const keptTensor = z.object({
  class_name: z.literal("__keras_tensor__"),
  config: z.object({ keras_history: reference }),
});

/** What a function of TensorFlow reads besides, such as { "y": 3.0 }. */
const otherOperand = z.object({ y: z.union([z.number(), reference]) });

const argumentOf = ([layer, call, output]: z.output<typeof reference>): Argument => ({
  kind: "value",
  layer,
  call,
  output,
});

const operandsIn = (raw: unknown): Argument[] => {
  const { data } = otherOperand.safeParse(raw);
  if (!data) return [];
  const { y } = data;
  return [typeof y === "number" ? { kind: "number", value: y } : argumentOf(y)];
};

/** Lists within lists of arguments. */
const MAX_DEPTH = 6;

/** The arguments of a call: references of Keras 2 and TensorFlow.js, or tensors of Keras 3 in lists. */
const argumentsIn = (raw: unknown, depth = 0): Argument[] => {
  // A call of one layer in Keras 2 is the reference itself.
  const asReference = reference.safeParse(raw).data;
  if (asReference) return [argumentOf(asReference), ...operandsIn(asReference[3])];
  const asTensor = keptTensor.safeParse(raw).data;
  if (asTensor) return [argumentOf(asTensor.config.keras_history)];
  if (typeof raw === "number") return [{ kind: "number", value: raw }];
  if (!Array.isArray(raw) || depth === MAX_DEPTH) return [];
  return raw.flatMap((each) => argumentsIn(each, depth + 1));
};

const newCall = z.object({ args: z.array(z.unknown()) });

const callsOf = (inbound: readonly unknown[] = []): Argument[][] =>
  inbound.map((call) => argumentsIn(newCall.safeParse(call).data?.args ?? call));

/** A layer. @throws QpruneError if it is none. */
export const layerOf = (raw: unknown, where: string): LayerConfig => {
  const { data } = layerSchema.safeParse(raw);
  if (!data) throw malformedKeras(where, "one of its layers has no class or no configuration");
  const config: Readonly<Record<string, unknown>> = data.config;
  const name = typeof config.name === "string" ? config.name : data.name;
  return {
    className: data.class_name,
    name: name ?? data.class_name,
    config,
    calls: callsOf(data.inbound_nodes),
  };
};

const MAX_LAYERS = 10_000;

/** The layers of a model. */
export const layersOf = ({ config }: LayerConfig, where: string): LayerConfig[] => {
  const { layers } = config;
  if (!Array.isArray(layers) || layers.length > MAX_LAYERS)
    throw malformedKeras(where, `a model has no list of at most ${MAX_LAYERS} layers`);
  return layers.map((layer) => layerOf(layer, where));
};

/** The references of a model's inputs or outputs. */
export const endsOf = (
  { config }: LayerConfig,
  which: "input_layers" | "output_layers",
): readonly Extract<Argument, { kind: "value" }>[] =>
  argumentsIn(config[which]).filter((each) => each.kind === "value");

/** Whether a layer is a model of layers. */
export const isModel = ({ className, config }: LayerConfig): boolean =>
  ["Sequential", "Functional", "Model"].includes(className) && Array.isArray(config.layers);

/** The sides of the images that a layer takes, if it records them. */
export const inputSidesOf = ({ config }: LayerConfig): readonly (number | null)[] | undefined =>
  z
    .array(z.number().nullable())
    .safeParse(config.batch_input_shape ?? config.batch_shape ?? config.batchInputShape).data;
