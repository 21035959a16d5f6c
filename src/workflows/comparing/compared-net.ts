import { stat } from "node:fs/promises";
import { peakActivation } from "../../analysis/activation-memory.js";
import { summariseNet } from "../../analysis/model-summary.js";
import { graphOf } from "../../models/net-spec.js";
import { describeQuantization } from "../../options/describe-quantization.js";
import type { ComparedNet } from "../../report/comparison/comparison.js";
import type { StoredNet } from "../nets/stored-net.js";
import { comparedHistory } from "./compared-history.js";

const LABELS = "ABCDEFGH";

/** What can be compared about a file without an engine: size, architecture, cost and history. */
export const comparedNet = async (
  { checkpoint, spec }: StoredNet,
  index: number,
): Promise<Omit<ComparedNet, "test" | "imagesPerSecond">> => {
  const { layers, total } = summariseNet(checkpoint, spec);
  const graph = graphOf(spec);
  const { path, packing, manifest } = checkpoint;
  return {
    label: LABELS[index] as string,
    file: path,
    fileBytes: (await stat(path)).size,
    arch: spec.arch,
    form: packing ? `${spec.form}, packed` : spec.form,
    quantization: manifest
      ? describeQuantization(spec.quantization)
      : "treated as full precision: the file does not record it",
    parameters: total.parameters,
    macs: total.macs,
    packedBytes: total.packedBytes,
    peakActivationBytes: peakActivation(graph).bytes,
    peakActivationFloat32Bytes: peakActivation(graph, { asFloat32: true }).bytes,
    layers: layers.map(({ name, shape, parameters, macs, codes }) => ({
      name,
      width: shape[0] as number,
      parameters,
      macs,
      codes,
    })),
    history: await comparedHistory(checkpoint),
  };
};
