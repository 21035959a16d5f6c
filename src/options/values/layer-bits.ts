import { z } from "zod";

/** The bits of the layers whose names match a pattern, in which * matches any text. */
export interface LayerBitsRule {
  readonly pattern: string;
  readonly bits: { readonly weights: number; readonly activations: number };
}

const EXPECTED =
  "expected NAME=WEIGHTS/ACTIVATIONS in bits (1 to 8, or 32 for full precision), as in features.1.*=8/8, or the path of a .json file";

const isBits = (bits: number): boolean =>
  bits === 32 || (Number.isInteger(bits) && bits >= 1 && bits <= 8);

/** Parses 8/8; undefined if it is something else. */
const bitsOf = (text: string): LayerBitsRule["bits"] | undefined => {
  const [weights = "", activations = "", ...more] = text.split("/");
  const bits = { weights: Number(weights), activations: Number(activations) };
  const isValid =
    weights !== "" && activations !== "" && isBits(bits.weights) && isBits(bits.activations);
  return isValid && more.length === 0 ? bits : undefined;
};

const NAME = /^[A-Za-z0-9_./*-]+$/;

/** A rule from a pattern and its bits as text; undefined if either is something else. */
const ruleOf = (pattern: string, text: string): LayerBitsRule | undefined => {
  const bits = bitsOf(text);
  return bits && NAME.test(pattern) ? { pattern, bits } : undefined;
};

/** Rules separated by commas, such as features.1.*=8/8,classifier*=32/32, or the path of a .json file of such rules. */
export const layerBits = () =>
  z.string({ error: EXPECTED }).transform((text, context): readonly LayerBitsRule[] | string => {
    if (text.endsWith(".json")) return text;
    const rules: LayerBitsRule[] = [];
    for (const part of text.split(",")) {
      const [pattern = "", bits = ""] = part.trim().split("=");
      const rule = ruleOf(pattern, bits);
      if (rule) rules.push(rule);
      else context.addIssue({ code: "custom", message: EXPECTED });
    }
    return rules;
  });

/** The rules of a JSON file: an object of patterns and bits, such as { "features.1.*": "8/8" }. */
export const layerBitsFile = z
  .record(z.string(), z.string({ error: EXPECTED }))
  .transform((entries, context): readonly LayerBitsRule[] =>
    Object.entries(entries).flatMap(([pattern, text]) => {
      const rule = ruleOf(pattern, text);
      if (!rule) context.addIssue({ code: "custom", message: EXPECTED, path: [pattern] });
      return rule ? [rule] : [];
    }),
  );
