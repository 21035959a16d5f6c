import { beforeAll } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { describeAllGeometries } from "./geometries.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

describeAllGeometries();
