import { type QpruneError, usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { runningNet } from "../../checkpoint/running-net.js";
import { stateDigest } from "../../checkpoint/tensors/state-digest.js";
import { areSameClasses } from "../../data/class-names.js";
import type { DataSetInfo } from "../../data/data-set.js";
import type { RunOptions, WatchedLogits } from "../../models/executor/run-graph.js";
import { type Tensor4D, tf } from "../../tensor/tf.js";
import { readStoredNet, type StoredNet } from "../nets/stored-net.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import type { ResumedRun } from "./resume/resumed-run.js";
import type { TrainingOptions } from "./training-call.js";

/** The file of a net that a run learns from. */
export interface TeacherFile extends StoredNet {
  /** Digest of its state dict (see stateDigest). */
  readonly digest: string;
}

/** A net that a run learns from. */
export interface Teacher {
  /** Logits [n, classes] and watched values for a training batch [n, h, w, c], which the caller owns. */
  readonly teach: (images: Tensor4D) => WatchedLogits;
  readonly dispose: () => void;
}

const refuse = (message: string): QpruneError =>
  usageError(
    message,
    `Choose a ${option("teacher")} that was trained on the same classes, with images of the same size.`,
  );

/** Refuses a teacher of other classes or image sizes than those of the run. */
const checkTeacher = ({ checkpoint, spec }: StoredNet, dataSet: DataSetInfo): void => {
  const { path, manifest } = checkpoint;
  const { height, width, classNames, name } = dataSet;
  if (spec.classes !== classNames.length) {
    throw refuse(`${path} has ${spec.classes} classes, but ${name} has ${classNames.length}.`);
  }
  const recorded = manifest?.dataSet;
  if (recorded && !areSameClasses(recorded.classNames, classNames)) {
    throw refuse(`${path} has the classes of ${recorded.name}, not those of ${name}.`);
  }
  if (spec.input.height !== height || spec.input.width !== width) {
    const { input } = spec;
    throw refuse(
      `${path} takes images of ${input.height}x${input.width}, but the run has ${height}x${width}.`,
    );
  }
};

/**
 * Checks that a resumed run has the teacher that it started with.
 * @throws QpruneError (usage) if the file changed and `override` is not given.
 */
const checkRunTeacher = ({ record, call, state }: ResumedRun, teacher: TeacherFile): void => {
  if (call.options.override || record.teacher === teacher.digest) return;
  throw usageError(
    `${teacher.checkpoint.path} is not the ${option("teacher")} that ${state.path} learned from.`,
    `Restore the file, or continue with this one by ${option("override")}.`,
  );
};

/**
 * Reads the file of `teacher`, a net of any architecture and form; undefined without this option.
 * @throws QpruneError (usage) if it has other classes or images than the run, or is not the one of a resumed run.
 */
export const readTeacher = async (
  { teacher: path }: Pick<TrainingOptions, "teacher">,
  dataSet: DataSetInfo,
  resumed: ResumedRun | undefined,
): Promise<TeacherFile | undefined> => {
  if (path === undefined) return undefined;
  const stored = await readStoredNet(path);
  checkTeacher(stored, dataSet);
  const teacher = { ...stored, digest: stateDigest(stored.checkpoint.state) };
  if (resumed) checkRunTeacher(resumed, teacher);
  return teacher;
};

/** Maps images that are normalized for the run to images as the teacher was trained on; the caller owns the result. */
const renormalizer = (from: DataSetInfo, to: DataSetInfo): ((images: Tensor4D) => Tensor4D) => {
  const isSame = [...from.mean, ...from.std].join() === [...to.mean, ...to.std].join();
  if (isSame) return tf.clone;
  const factors = from.std.map((deviation, channel) => deviation / (to.std[channel] as number));
  const shifts = from.mean.map(
    (mean, channel) => (mean - (to.mean[channel] as number)) / (to.std[channel] as number),
  );
  return (images) =>
    tf.tidy(() => tf.add(tf.mul(images, tf.tensor1d(factors)), tf.tensor1d(shifts)) as Tensor4D);
};

/** Builds a teacher, which computes with its running statistics. The engine must be running. */
export const openTeacher = (
  file: TeacherFile,
  dataSet: DataSetInfo,
  options: Pick<RunOptions, "precision" | "watched">,
): Teacher => {
  const { spec, checkpoint } = file;
  const net = runningNet(spec, checkpoint, options);
  const normalize = renormalizer(dataSet, storedDataSetInfo(checkpoint));
  return {
    teach: (images) => {
      const seen = normalize(images);
      const taught = net.inferWatched(seen);
      seen.dispose();
      return taught;
    },
    dispose: net.dispose,
  };
};
