import type { ValueId } from "../../graph/graph.js";
import { addMaps, storeAs } from "../../tensor/ops/stored-maps.js";
import { FLOAT32, gradientStorage, type Storage } from "../../tensor/storage.js";
import { type Tensor, tf } from "../../tensor/tf.js";
import type { Epilogue, JointLayer, JointTrace, SaturationRate } from "../layers/layer.js";

/** A step with its layer. */
export interface RunningStep {
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  readonly layer: JointLayer;
  /** Whether it computes in training as in inference, without a gradient. */
  readonly isFrozen: boolean;
}

/** The steps of a net, with the value that it takes and the value that it returns. */
export interface Program {
  readonly input: ValueId;
  readonly output: ValueId;
  /** Inner values that every pass returns besides the output. */
  readonly watched: readonly ValueId[];
  /** Values that need no gradient. */
  readonly constants: ReadonlySet<ValueId>;
  /** How values are stored; as floats if missing. */
  readonly storages: ReadonlyMap<ValueId, Storage>;
  /** Values that a layer keeps for its backward pass in any case (see keptValues). */
  readonly kept: ReadonlySet<ValueId>;
  readonly steps: readonly RunningStep[];
}

type Recompute = () => Tensor;

/** The values of one pass. Each consumer owns a handle; the last one gets the value itself. */
const createValues = ({ steps, output, watched }: Program) => {
  const uses = new Map<ValueId, number>();
  for (const value of [output, ...watched, ...steps.flatMap(({ inputs }) => inputs)])
    uses.set(value, (uses.get(value) ?? 0) + 1);
  const values = new Map<ValueId, Tensor>();
  return {
    put: (value: ValueId, tensor: Tensor): void => {
      if (uses.has(value)) values.set(value, tensor);
      else tensor.dispose();
    },
    take: (value: ValueId): Tensor => {
      const tensor = values.get(value) as Tensor;
      const left = (uses.get(value) as number) - 1;
      uses.set(value, left);
      if (left > 0) return tf.clone(tensor);
      values.delete(value);
      return tensor;
    },
  };
};

/** The output of a pass, and the watched values in their order. */
interface PassResult {
  readonly y: Tensor;
  readonly watched: readonly Tensor[];
}

/** Runs all steps on an input, which it takes over; `run` computes the outputs of a step from its inputs. */
const runThrough = (
  program: Program,
  input: Tensor,
  run: (step: RunningStep, xs: readonly Tensor[]) => readonly Tensor[],
): PassResult => {
  const values = createValues(program);
  values.put(program.input, input);
  for (const step of program.steps) {
    const ys = run(step, step.inputs.map(values.take));
    for (const [index, value] of step.outputs.entries()) values.put(value, ys[index] as Tensor);
  }
  return { y: values.take(program.output), watched: program.watched.map(values.take) };
};

const disposeResult = ({ y, watched }: PassResult): void => tf.dispose([y, ...watched]);

/** A convolution and the norm after it as one step. */
const fusedStep = (conv: RunningStep, norm: RunningStep): RunningStep => ({
  ...conv,
  outputs: norm.outputs,
  layer: {
    ...conv.layer,
    infer: ([x]) => {
      const epilogue = norm.layer.epilogue?.() as Epilogue;
      const y = conv.layer.inferThen?.(x as Tensor, epilogue) as Tensor;
      tf.dispose({ ...epilogue.affine });
      return [y];
    },
  },
});

/** The program with its steps as inference runs them: a convolution and the norm that alone reads it are one. */
export const fusedForInference = (program: Program): Program => {
  const { steps, output, watched } = program;
  const read = [output, ...watched, ...steps.flatMap(({ inputs }) => inputs)];
  const isRunWith = (conv: RunningStep | undefined, norm: RunningStep | undefined): boolean => {
    const [between] = conv?.outputs ?? [];
    return (
      conv?.layer.inferThen !== undefined &&
      norm?.layer.epilogue !== undefined &&
      norm.inputs.length === 1 &&
      norm.inputs[0] === between &&
      read.filter((value) => value === between).length === 1
    );
  };
  return {
    ...program,
    steps: steps.flatMap((step, index) => {
      const next = steps[index + 1];
      if (isRunWith(steps[index - 1], step)) return [];
      return isRunWith(step, next) ? [fusedStep(step, next as RunningStep)] : [step];
    }),
  };
};

/** Inference on an input, which it takes over. */
export const infer = (program: Program, input: Tensor): PassResult =>
  runThrough(program, input, ({ layer }, xs) => layer.infer(xs));

/** A step of an inference that pauses at every step. */
export interface PausedStep {
  /** The names of the values that it reads. */
  readonly inputs: readonly ValueId[];
  /** Those of the values that it computes. */
  readonly outputs: readonly ValueId[];
  /** What it reads, before it has computed; the net owns these tensors. */
  readonly xs: readonly Tensor[];
  /** What it computed; null before. The caller may put other tensors of the same shapes in their places. */
  readonly ys: Tensor[] | null;
}

/** Inference on an input, which it takes over, that pauses before and after every step; returns the output. */
export function* inferStepwise(program: Program, input: Tensor): Generator<PausedStep, Tensor> {
  const values = createValues(program);
  values.put(program.input, input);
  for (const step of program.steps) {
    const { inputs, outputs } = step;
    const xs = inputs.map(values.take);
    yield { inputs, outputs, xs, ys: null };
    const ys = [...step.layer.infer(xs)];
    yield { inputs, outputs, xs: [], ys };
    for (const [index, value] of outputs.entries()) values.put(value, ys[index] as Tensor);
  }
  return values.take(program.output);
}

/** A pass with the batch's statistics that only updates the running ones. It takes the input over. */
export const recalibrate = (program: Program, input: Tensor, newStatWeight: number): void => {
  const result = runThrough(program, input, ({ layer, isFrozen }, xs) =>
    layer.recalibrate && !isFrozen ? layer.recalibrate(xs, newStatWeight) : layer.infer(xs),
  );
  disposeResult(result);
};

/** The saturation rates of all activations that clip, in inference. It takes the input over. */
export const saturationRates = (program: Program, input: Tensor): SaturationRate[] => {
  const rates: SaturationRate[] = [];
  const result = runThrough(program, input, ({ layer }, xs) => {
    const rate = layer.saturation?.(xs);
    if (rate) rates.push(rate);
    return layer.infer(xs);
  });
  disposeResult(result);
  return rates;
};

/** A step of the forward pass with what its backward pass needs. */
interface Traced {
  readonly step: RunningStep;
  readonly shapes: readonly (readonly number[])[];
  readonly backward: JointTrace["backward"];
}

/** How the gradient of a value is stored. */
const gradientStorageOf = ({ storages }: Program, value: ValueId): Storage =>
  gradientStorage(storages.get(value) ?? FLOAT32);

/** Adds a gradient to what a value has so far. Both belong to the sum. */
const accumulate = (
  program: Program,
  gradients: Map<ValueId, Tensor>,
  value: ValueId,
  gradient: Tensor,
): void => {
  const others = gradients.get(value);
  if (!others) {
    gradients.set(value, gradient);
    return;
  }
  gradients.set(value, addMaps(others, gradient, gradientStorageOf(program, value)));
  tf.dispose([others, gradient]);
};

/** The gradient of a value that nothing depends on. */
const noGradient = (program: Program, value: ValueId, shape: readonly number[]): Tensor =>
  tf.tidy(() => storeAs(tf.zeros([...shape]), FLOAT32, gradientStorageOf(program, value)));

/** The gradients of what a pass returned, by value; both arguments are taken over. */
const startingGradients = (
  program: Program,
  dOutput: Tensor,
  dWatched: readonly Tensor[],
): Map<ValueId, Tensor> => {
  const { output, watched, constants } = program;
  const gradients = new Map<ValueId, Tensor>([[output, dOutput]]);
  for (const [index, gradient] of dWatched.entries()) {
    const value = watched[index] as ValueId;
    if (constants.has(value)) gradient.dispose();
    else accumulate(program, gradients, value, gradient);
  }
  return gradients;
};

const runBackward = (
  program: Program,
  traced: readonly Traced[],
  gradients: Map<ValueId, Tensor>,
  onGradients: () => void,
): void => {
  for (const { step, shapes, backward } of [...traced].reverse()) {
    const dys = step.outputs.map((value, index) => {
      const dy = gradients.get(value) ?? noGradient(program, value, shapes[index] as number[]);
      gradients.delete(value);
      return dy;
    });
    const dxs = backward(dys);
    for (const [index, value] of step.inputs.entries()) {
      const dx = dxs[index];
      if (!dx) continue;
      if (program.constants.has(value)) dx.dispose();
      else accumulate(program, gradients, value, dx);
    }
    onGradients();
  }
};

/** A forward pass in training, and its backward pass for the gradients of its output and of watched values. */
type TrainingPass = PassResult & {
  readonly backward: (dy: Tensor, dWatched?: readonly Tensor[], onGradients?: () => void) => void;
};

/** Values that a layer keeps for its backward pass in any case, so that no other layer need recompute them. */
export const keptValues = (steps: readonly RunningStep[]): ReadonlySet<ValueId> =>
  new Set(steps.flatMap(({ layer, inputs }) => (layer.keepsLaterInputs ? inputs.slice(1) : [])));

/** A forward pass in training on an input, which it takes over, and its backward pass, which copies the gradients. */
export const train = (program: Program, input: Tensor): TrainingPass => {
  const traced: Traced[] = [];
  const recomputes = new Map<ValueId, Recompute>();
  const result = runThrough(program, input, (step, xs) => {
    if (step.isFrozen) return step.layer.infer(xs);
    const { ys, backward, recompute } = step.layer.train(
      xs,
      recomputes.get(step.inputs[0] as ValueId),
    );
    if (recompute && !program.kept.has(step.outputs[0] as ValueId))
      recomputes.set(step.outputs[0] as ValueId, recompute);
    traced.push({ step, shapes: ys.map(({ shape }) => shape), backward });
    return ys;
  });
  return {
    ...result,
    backward: (dy, dWatched = [], onGradients = () => {}) => {
      const gradients = startingGradients(program, tf.clone(dy), dWatched.map(tf.clone));
      runBackward(program, traced, gradients, onGradients);
    },
  };
};
