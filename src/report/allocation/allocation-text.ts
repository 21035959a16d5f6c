import { textTable } from "../text-table.js";
import type { Allocation, TestedPlan } from "./allocation.js";

const number = (title: string) => ({ title, isNumber: true });

const planRow = ({ name, bytes, bitops, predictedLoss, loss, accuracy }: TestedPlan): string[] => [
  name,
  String(bytes),
  (bitops / 1e9).toFixed(3),
  predictedLoss.toPrecision(3),
  loss.toFixed(4),
  `${accuracy.toFixed(2)}%`,
];

/** An allocation as text: the bits of each layer, then the plans that were tested. */
export const allocationText = (allocation: Allocation): string => {
  const { layers, chosen, uniform, float, images } = allocation;
  const layerTable = textTable(
    [{ title: "layer" }, number("weights"), number("bits")],
    layers.map(({ name, weights }, index) => [name, String(weights), String(chosen.bits[index])]),
  );
  const plans = textTable(
    [
      { title: "weights" },
      number("bytes"),
      number("bitops (G)"),
      number("predicted rise"),
      number("loss"),
      number("accuracy"),
    ],
    [chosen, ...uniform].map(planRow),
  );
  return [
    layerTable,
    `\nTested on ${images} held-out training images; in float the loss is ${float.loss.toFixed(4)}, the accuracy ${float.accuracy.toFixed(2)}%\n`,
    plans,
  ].join("");
};
