import { beforeAll } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { describeLayers } from "./describe-layers.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

describeLayers();
