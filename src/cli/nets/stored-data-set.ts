import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { storedDataSetInfo } from "./stored-spec.js";

/** The name of the data set that a file was trained on; CIFAR-10 where it does not say. Any name may stand in a file. */
export const storedDataSet = (file: Checkpoint): string => storedDataSetInfo(file).name;
