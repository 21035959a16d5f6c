// npm run build: compiles src/ into dist/, where nothing of an older build stays.
import { build } from "./lib/build.js";
import { runMain } from "./lib/run.js";

await runMain(async () => {
  await build();
  return 0;
});
