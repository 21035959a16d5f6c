// Lists the tensors of a bit-packed file and unpacks it: node examples/read-packed.mts FILE.safetensors
import { loadCheckpoint, readSafetensors } from "qprune";

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("Usage: read-packed.mts FILE.safetensors");
const { tensors } = await readSafetensors(file);
let bytes = 0;
for (const [name, { dtype, shape, data }] of tensors) {
  bytes += data.length;
  if (name.endsWith("_codes")) console.log(`${name}: ${data.length} bytes of codes`);
  else console.log(`${name}: ${dtype} [${shape.join(", ")}]`);
}
const { state } = await loadCheckpoint(file);
const dense = [...state.values()].reduce((sum, { data }) => sum + data.length, 0);
console.log(`${bytes} bytes packed, ${dense} unpacked`);
