import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { DataSetName } from "../../data/data-set.js";

/** The data set that a file was trained on; CIFAR-10 where it does not say. */
export const storedDataSet = ({ manifest }: Checkpoint): DataSetName =>
  (manifest?.dataSet.name as DataSetName | undefined) ?? "cifar10";
