import { z } from "zod";

/** Some of a few words, separated by commas: `norms,biases`. */
export const wordList = <W extends string>(words: readonly W[]) =>
  z.preprocess(
    (raw) => (typeof raw === "string" ? raw.split(",").map((part) => part.trim()) : raw),
    z.custom<readonly W[]>(
      (value) =>
        Array.isArray(value) && value.length > 0 && value.every((each) => words.includes(each)),
      { error: `expected ${words.join(", ")}, separated by commas` },
    ),
  );
