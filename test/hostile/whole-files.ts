import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openNetFile } from "../../src/checkpoint/net-files/open-net-file.js";
import type { StoredTensor } from "../../src/formats/safetensors/stored-tensor.js";
import { encodePth } from "../../src/formats/torch/encode-pth.js";
import { qprune } from "../cli/run.js";
import { join as pickled, text } from "../formats/pickle/pickle-bytes.js";
import { dictPart, statePart, torchLegacy, torchZip } from "../formats/torch/torch-file.js";

const DESCRIPTION = {
  name: "tiny",
  convs: [
    { width: 4, kernel: 3, pool: { kind: "max", size: 8 } },
    { width: 6, kernel: 1, groups: 2 },
    { width: 4, kernel: 3, groups: 2, shuffle: 2 },
    { kernel: 1 },
  ],
};

/** A state dict in the format of torch < 1.6. */
const legacyFile = (tensors: ReadonlyMap<string, StoredTensor>): Buffer => {
  const { root, legacyStorages } = statePart(tensors);
  return torchLegacy(root, legacyStorages);
};

/** A training checkpoint of PyTorch, with objects of a program around two state dicts. */
const trainingFiles = (tensors: ReadonlyMap<string, StoredTensor>): Buffer[] => {
  const [net, other] = [statePart(tensors), statePart(tensors, "e")];
  const object = pickled("cargparse\nNamespace\n)", 0x81, dictPart({ lr: pickled("K", 1) }), "b");
  const around = {
    args: object,
    milestones: pickled("ccollections\nCounter\n}(K", 1, "K", 2, "u\x85R"),
    sets: pickled("](", 0x8f, "(K", 1, 0x90, "(K", 1, 0x91, "e"),
    device: pickled("ctorch\ndevice\n", text("cpu"), 0x85, "R"),
    keys: pickled("}(", ")K", 1, "NK", 2, "u"),
  };
  const wrapped = dictPart({ ...around, net: net.root, optimizer: dictPart({ ema: other.root }) });
  return [
    torchZip({ root: wrapped, storages: { ...net.storages, ...other.storages } }),
    torchLegacy(wrapped, [...net.legacyStorages, ...other.legacyStorages]),
  ];
};

const onnxFixture = (name: string): Buffer =>
  readFileSync(new URL(`../import/onnx/fixtures/${name}.onnx`, import.meta.url));

/** Models whose weights are in files next to them. */
const TFJS_MODELS = ["sequence_layers", "functional_graph", "functional_uint8", "nested_layers"];

const kerasFixtures = (...names: string[]): Buffer[] =>
  names.map((name) => readFileSync(new URL(`../import/keras/fixtures/${name}`, import.meta.url)));

/** Trains small nets and writes them into `folder` in every format. */
export const wholeNets = async (folder: string): Promise<Record<string, Buffer[]>> => {
  const at = (name: string): string => join(folder, name);
  writeFileSync(at("tiny.json"), JSON.stringify(DESCRIPTION));
  const run = async (...argv: string[]): Promise<void> => {
    const { code, stderr } = await qprune(argv);
    if (code !== 0) throw new Error(stderr);
  };
  const data = ["--dataset", "digits", "--train-limit", "100", "--test-limit", "10"];
  const short = [...data, "--epochs", "1", "--num_workers", "0"];
  const tiny = [...short, "--arch", at("tiny.json")];
  await run("wbwtab", ...tiny, "--W", "3", "--gap", "--save", at("gap.safetensors"));
  await run("wqaq", ...tiny, "--Wbits", "4", "--Abits", "4", "--save", at("w4.safetensors"));
  await run(
    "prune",
    ...short,
    "--arch",
    "nin",
    "--cfg",
    "4,4,4,4,4,4,4,4",
    "--save",
    at("nin.pth"),
  );
  for (const name of ["gap", "w4"]) {
    await run(
      "export",
      at(`${name}.safetensors`),
      "--format",
      "packed",
      "--save",
      at(`${name}-packed.safetensors`),
    );
  }
  const read = (...names: string[]) => names.map((name) => readFileSync(at(name)));
  for (const name of TFJS_MODELS)
    writeFileSync(at(`${name}.bin`), kerasFixtures(`${name}.bin`)[0] as Buffer);
  const { tensors } = await openNetFile(at("nin.pth"));
  return {
    safetensors: read("gap.safetensors", "w4.safetensors"),
    packed: read("gap-packed.safetensors", "w4-packed.safetensors"),
    "training state": read("gap.state.safetensors", "w4.state.safetensors"),
    // With a manifest and without one.
    "pth (zip)": [...read("nin.pth"), Buffer.concat(encodePth({ tensors, metadata: {} }))],
    "pth (legacy)": [legacyFile(tensors)],
    "pth (training)": trainingFiles(tensors),
    "model.json": kerasFixtures(...TFJS_MODELS.map((name) => `${name}.json`)),
    "Keras .h5": kerasFixtures("sequence_2.h5", "functional_3.h5", "nested_2.h5", "nested_3.h5"),
    "Keras archive": kerasFixtures("sequence_3.keras", "nested_2.keras", "functional_3.keras"),
    ".tflite": kerasFixtures("sequence.tflite", "functional.tflite", "functional_float16.tflite"),
    ONNX: ["mobile_dynamo", "shuffle_9", "parts_17", "dense_17", "tensorflow"].map(onnxFixture),
  };
};
