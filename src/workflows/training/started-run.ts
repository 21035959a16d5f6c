import type { NetSpec } from "../../models/spec.js";

/** The images by which the best epoch is chosen: the test images, or held-out training images. */
export type ChosenBy = "test" | "validation";

/** A run as it starts: its net, its data and its schedule. */
export interface StartedRun {
  readonly spec: NetSpec;
  readonly trainImages: number;
  readonly chosenBy: ChosenBy;
  readonly epochs: number;
  readonly learningRate: number;
  readonly lrDropEpochs: readonly number[];
  /** Whether the caller chose the epochs at which the learning rate drops. */
  readonly areDropsChosen: boolean;
}
