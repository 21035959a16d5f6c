import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const cores = availableParallelism();

export default defineConfig({
  // The examples import the package by its name.
  resolve: { alias: { qprune: new URL("src/index.ts", import.meta.url).pathname } },
  test: {
    // The native engine cannot be loaded in a second worker thread, so every file gets a process.
    pool: "forks",
    // Two on two cores: a test that waits for one core's work leaves the other one idle.
    maxWorkers: Math.max(cores - 1, Math.min(cores, 2)),
    include: ["test/**/*.test.ts"],
    // A native step fills both cores of a small machine and a cold start of the engine takes seconds.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    globalSetup: ["test/temporary-folder.ts"],
    setupFiles: ["test/setup.ts"],
  },
});
