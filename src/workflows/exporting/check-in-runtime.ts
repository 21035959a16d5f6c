import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { randomUnit } from "../../base/random.js";
import { visibleText } from "../../base/visible-text.js";
import { runningNet } from "../../checkpoint/running-net.js";
import { runProgram } from "../../engine/setup/run-program.js";
import { denseState, type ExportNet } from "../../export/export-net.js";
import { tf } from "../../tensor/tf.js";
import type { Runtime } from "./format.js";
import { RUNTIME_SCRIPTS } from "./runtime-scripts.js";

/** What a runtime computes of an exported file, compared with the net. */
export interface RuntimeCheck {
  /** The package with its version. */
  readonly runtime: string;
  readonly images: number;
  /** Images of which the largest output is the same. */
  readonly sameClass: number;
  /** The largest difference of outputs, as a share of the largest output. */
  readonly difference: number;
  /** The smallest lead of an image's largest output over its next one, as a share of the largest output. */
  readonly leastLead: number;
}

/** Images that are run; they are random, so no data set is needed. */
const IMAGES = 16;
const SEED = 1;

/** Normalized images have a mean of 0 and a deviation of 1; this uniform distribution has, too. */
const randomImages = (count: number): Float32Array =>
  Float32Array.from(
    { length: count },
    (_, index) => Math.sqrt(3) * (2 * randomUnit(SEED, index) - 1),
  );

const ownOutputs = (net: ExportNet, images: Float32Array, path: string): Float32Array => {
  const running = runningNet(net.spec, { path, state: denseState(net), manifest: undefined });
  const { height, width, channels } = net.spec.input;
  const input = tf.tensor4d(images, [IMAGES, height, width, channels]);
  const output = running.infer(input);
  const values = Float32Array.from(output.dataSync());
  for (const each of [output, input, running]) each.dispose();
  return values;
};

/** Runs a file in a runtime. @throws QpruneError if the interpreter or its package is missing, or the runtime refuses the file. */
const outputsIn = async (
  runtime: Runtime,
  {
    python,
    file,
    images,
    signal,
  }: { python: string; file: string; images: Float32Array; signal: AbortSignal },
): Promise<{ readonly version: string; readonly values: Float32Array }> => {
  const { script, packageName } = RUNTIME_SCRIPTS[runtime];
  const folder = await mkdtemp(join(tmpdir(), "qprune-check-"));
  try {
    const [given, computed] = [join(folder, "images"), join(folder, "outputs")];
    await writeFile(given, new Uint8Array(images.buffer));
    const args = ["-c", script, file, given, computed, String(IMAGES)];
    const { code, stdout, stderr, wasFound } = await runProgram(python, args, { signal });
    if (!wasFound)
      throw new QpruneError(`${option("check")}: there is no program ${visibleText(python)}.`, {
        kind: "usage",
        hint: `Give a Python interpreter that has ${packageName}.`,
      });
    if (code !== 0) {
      const lines = stderr.trimEnd().split("\n");
      throw new QpruneError(
        `${file} was written, but ${packageName} could not run it: ${visibleText(lines.at(-1) ?? "")}.`,
        { hint: `Install ${packageName} for ${python}, or omit ${option("check")}.` },
      );
    }
    const { buffer, byteOffset, length } = await readFile(computed);
    const bytes = buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
    return { version: stdout.trim(), values: new Float32Array(bytes) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Where the largest value of an image is, and by how much it exceeds the next one. */
const leader = (values: Float32Array): { readonly at: number; readonly lead: number } => {
  let at = 0;
  for (let index = 1; index < values.length; index++)
    if ((values[index] as number) > (values[at] as number)) at = index;
  const most = values[at] as number;
  const lead = values.reduce(
    (least, value, index) => (index === at ? least : Math.min(least, most - value)),
    Number.POSITIVE_INFINITY,
  );
  return { at, lead };
};

/**
 * Runs an exported file in the runtime that it is for, on random images, and compares the outputs with those of the net. Needs an
 * engine.
 * @param python an interpreter that has the package of the runtime
 */
export const checkInRuntime = async (
  net: ExportNet,
  runtime: Runtime,
  {
    python,
    file,
    signal,
  }: { readonly python: string; readonly file: string; readonly signal: AbortSignal },
): Promise<RuntimeCheck> => {
  const { height, width, channels } = net.spec.input;
  const images = randomImages(IMAGES * height * width * channels);
  const own = ownOutputs(net, images, file);
  const { version, values } = await outputsIn(runtime, { python, file, images, signal });
  if (values.length !== own.length)
    throw new QpruneError(
      `${file} gives ${values.length} numbers for ${IMAGES} images, not ${own.length}.`,
    );
  const size = own.length / IMAGES;
  const [ours = [], theirs = []] = [own, values].map((outputs) =>
    Array.from({ length: IMAGES }, (_, image) =>
      leader(outputs.subarray(image * size, (image + 1) * size)),
    ),
  );
  const sameClass = ours.filter(({ at }, image) => at === theirs[image]?.at).length;
  const leastLead = Math.min(...ours.map(({ lead }) => lead));
  const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = own.reduce(
    (most, value, index) => Math.max(most, Math.abs(value - (values[index] as number))),
    0,
  );
  const scale = largest === 0 ? 1 : largest;
  return {
    runtime: version,
    images: IMAGES,
    sameClass,
    difference: difference / scale,
    leastLead: leastLead / scale,
  };
};
