import { widthsOf } from "../../models/chains/chain-spec.js";
import { isChain } from "../../models/net-spec.js";
import type { SummaryResult } from "../../workflows/summarizing/summarize-model.js";

/** The summary of --json; operations are for one image. */
export const summaryJson = ({ summary, checkpoint, fileBytes, coupled }: SummaryResult): object => {
  const { spec, layers, total } = summary;
  const { manifest, packing, path } = checkpoint;
  return {
    file: path,
    fileBytes,
    arch: spec.arch,
    form: spec.form,
    isPacked: packing !== undefined,
    ...(isChain(spec) && { order: spec.order, cfg: widthsOf(spec) }),
    classes: spec.classes,
    input: spec.input,
    quantization: spec.quantization,
    dataSet: manifest?.dataSet.name ?? null,
    accuracy: manifest?.accuracy ?? null,
    layers,
    total: {
      ...total,
      deadChannels: layers.reduce((sum, each) => sum + each.deadChannels.length, 0),
    },
    ...(coupled && {
      groups: coupled.map(({ names, groups, structure, fixedBecause }) => ({
        layers: names,
        channelGroups: groups.length,
        isStructured: structure !== null,
        fixedBecause: fixedBecause ?? null,
      })),
    }),
  };
};
