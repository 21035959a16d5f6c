import { afterAll, beforeAll } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { describeBf16Convs } from "./bf16-cases.js";

// As on a processor that has no AMX, with operands arranged as for its tiles: read once, by this process's first convolution.
const SETTINGS = { ONEDNN_MAX_CPU_ISA: "AVX512_CORE_BF16", QPRUNE_EMULATE_AMX: "1" };
const before = Object.keys(SETTINGS).map((name) => [name, process.env[name]] as const);
Object.assign(process.env, SETTINGS);
afterAll(() => {
  for (const [name, value] of before)
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
});

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

describeBf16Convs();
