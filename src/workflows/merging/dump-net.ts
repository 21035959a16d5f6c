import { join } from "node:path";
import type { StateDict } from "../../checkpoint/tensors/net-state.js";
import { writeTextAtomically } from "../../files/writing/write-file-atomically.js";
import { float32Values } from "../../formats/safetensors/tensor-values.js";
import { type ChainSpec, inputChannels } from "../../models/chains/chain-spec.js";
import type { Net } from "../../models/net.js";
import { isChain } from "../../models/net-spec.js";

/** The attributes of each node as JSON, without its name. */
const nodeLines = ({ graph }: Net): string[] =>
  graph.nodes.map(({ name, ...node }, index) => `(${index}): ${name} ${JSON.stringify(node)}`);

const chainLines = (spec: ChainSpec): string[] =>
  spec.convs.map((conv, index) => {
    const { kernel, pad, groups, shuffle, width, pool } = conv;
    const parts = [
      ...(shuffle > 1 ? [`shuffle ${shuffle}`] : []),
      `conv ${inputChannels(spec, index)} -> ${width}, kernel ${kernel}x${kernel}, pad ${pad}, groups ${groups}`,
      ...(spec.form === "merged" ? ["bias"] : ["bias, batch norm"]),
      ...(pool ? [`${pool.kind} pool ${pool.size}, stride ${pool.stride}, pad ${pool.pad}`] : []),
    ];
    return `(${index}): ${parts.join("; ")}`;
  });

const layerLines = (net: Net): string[] =>
  isChain(net.spec) ? chainLines(net.spec) : nodeLines(net);

const tensorText = (state: StateDict): string[] =>
  [...state].flatMap(([name, tensor]) =>
    tensor.dtype === "F32"
      ? [`${name} [${tensor.shape}]`, Array.from(float32Values(tensor, name)).join(" "), ""]
      : [],
  );

/**
 * Writes a net as text to an existing folder, in the two files of the reference scripts: NAME.txt lists the layers, and
 * NAME_para.txt has two lines per tensor, its name and shape, and its values in row-major order. Returns their paths.
 */
export const dumpNet = async (
  folder: string,
  name: string,
  net: Net,
  state: StateDict,
): Promise<string[]> => {
  const texts = [
    [join(folder, `${name}.txt`), [`${net.spec.arch}, ${net.spec.form}`, ...layerLines(net), ""]],
    [join(folder, `${name}_para.txt`), tensorText(state)],
  ] as const;
  for (const [path, lines] of texts) {
    await writeTextAtomically(path, lines.join("\n"));
  }
  return texts.map(([path]) => path);
};
