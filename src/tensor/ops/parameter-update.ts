import type { Tensor } from "../tf.js";

/** One step of an optimizer for one parameter: its value and slots, its gradient and the numbers of the step. */
export interface ParameterUpdate<State, Hyper> {
  readonly state: State;
  readonly gradient: Tensor;
  readonly hyper: Hyper;
}
