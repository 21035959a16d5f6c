import type { ComparedNet } from "../../comparison.js";

/**
 * The labels of the layers by their index: the name that all nets with so many layers give the layer, or `conv 3` where their names
 * differ.
 */
export const layerLabels = (nets: readonly ComparedNet[]): string[] => {
  const count = Math.max(...nets.map(({ layers }) => layers.length));
  return Array.from({ length: count }, (_, index) => {
    const names = new Set(nets.flatMap(({ layers }) => layers[index]?.name ?? []));
    const [name] = names;
    return names.size === 1 && name !== undefined ? name : `conv ${index}`;
  });
};
