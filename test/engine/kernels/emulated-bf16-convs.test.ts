import { afterAll, beforeAll } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { describeBf16Convs } from "./bf16-cases.js";

// As on a processor that has AVX2 and no more: read once, by this process's first convolution.
const LIMIT = "ONEDNN_MAX_CPU_ISA";
const before = process.env[LIMIT];
process.env[LIMIT] = "AVX2";
afterAll(() => {
  if (before === undefined) delete process.env[LIMIT];
  else process.env[LIMIT] = before;
});

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

describeBf16Convs();
