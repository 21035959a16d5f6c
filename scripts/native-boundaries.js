// Part of npm run boundaries: fails where a native kernel includes anything but kernels and the compiler's headers.
import { fileURLToPath } from "node:url";
import { includesThatLeave } from "./lib/native-includes.js";

const FOLDER = "src/engine/native/kernels";

const found = includesThatLeave(fileURLToPath(new URL(`../${FOLDER}`, import.meta.url)));
for (const include of found) console.error(`${FOLDER}/${include}`);
if (found.length > 0) {
  console.error(
    "Kernels include only one another and the compiler's headers. What needs TensorFlow belongs in src/engine/native/tensorflow.",
  );
  process.exitCode = 1;
}
