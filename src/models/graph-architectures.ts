import type { GraphArchitecture } from "./architecture.js";

export const graphArchitectures: Readonly<Record<string, GraphArchitecture>> = {};
