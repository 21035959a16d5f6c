import { manifestToMetadata } from "../../src/checkpoint/manifest.js";
import { packModel } from "../../src/checkpoint/packed/pack-model.js";
import { PACKING_KEY } from "../../src/checkpoint/packed/packing.js";
import type { DataSetInfo } from "../../src/data/data-set.js";
import { DIGITS_INFO } from "../../src/data/digits.js";
import { encodeSafetensors } from "../../src/formats/safetensors/encode-safetensors.js";
import { specOfGraph } from "../../src/models/net-spec.js";
import type { EvaluatedNet } from "./nets.js";

const float = { weights: { kind: "float" }, activations: { kind: "float" } } as const;

/** The bytes of a packed file with a net for the digits, or for other images. */
export const packedBytes = (
  { model }: Pick<EvaluatedNet, "model">,
  dataSet: DataSetInfo = DIGITS_INFO,
): Uint8Array => {
  const { tensors, packing } = packModel(model);
  const metadata = manifestToMetadata({
    spec: specOfGraph({ arch: "a-test", graph: model.graph, quantization: float, form: "baked" }),
    dataSet,
    epoch: 1,
    isFinished: true,
    version: "0.0.0",
  });
  const chunks = encodeSafetensors(tensors, {
    ...metadata,
    [PACKING_KEY]: JSON.stringify(packing),
  });
  return new Uint8Array(Buffer.concat(chunks));
};
