import { z } from "zod";

const NAME = /^[A-Za-z0-9_./*-]+$/;

/** Names of layers separated by commas, in which * matches any text: `layer1.*,fc`. */
export const layerPatterns = () =>
  z.preprocess(
    (raw) => (typeof raw === "string" ? raw.split(",").map((part) => part.trim()) : raw),
    z.custom<readonly string[]>(
      (value) =>
        Array.isArray(value) &&
        value.length > 0 &&
        value.every((each) => typeof each === "string" && NAME.test(each)),
      { error: "expected names of layers, separated by commas, as in layer1.*,fc" },
    ),
  );
