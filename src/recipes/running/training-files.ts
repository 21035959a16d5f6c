import { statePathOf } from "../../checkpoint/state-path.js";

/** What a training writes beside its model: nin.safetensors has nin.state.safetensors and nin.history.json. */
export const trainingFiles = (model: string): readonly string[] => [
  statePathOf(model),
  `${model.replace(/(\.state)?\.[^.]+$/, "")}.history.json`,
];
