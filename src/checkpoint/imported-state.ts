import { basename, extname } from "node:path";
import { QpruneError } from "../base/errors.js";
import { jsonOf } from "../base/json-of.js";
import { numberedClasses } from "../data/class-names.js";
import { type DataSetInfo, dataSetInfoSchema, IMAGENET, OWN_IMAGES } from "../data/data-set.js";
import { packageVersion } from "../files/package-version.js";
import type { OpenFile } from "../files/reading/with-open-file.js";
import { FULL_PRECISION } from "../graph/quantizers.js";
import type { ImportedModel, ImportOptions } from "../import/imported-model.js";
import { DATA_SET_KEY } from "../import/metadata-keys.js";
import { IMAGENET_PREPROCESSING } from "../models/architectures/preprocessing.js";
import { type GraphSpec, specOfGraph } from "../models/net-spec.js";
import { manifestToMetadata } from "./manifest.js";
import { FOREIGN_FORMATS, type ForeignFormat } from "./net-files/foreign-net.js";
import type { NetFile } from "./net-files/net-file.js";
import { modelState } from "./tensors/model-state.js";

/** How images are normalized: (pixel - mean) / std per channel, with pixels from 0 to 1. */
export type Normalization = Pick<DataSetInfo, "mean" | "std">;

/** What the caller chooses about a net of another program. */
export interface ForeignOptions extends ImportOptions {
  /** In place of what the file records, or of what is assumed. */
  readonly normalization?: Normalization | undefined;
}

/** The content of a file of another program, as one of qprune would contain it. */
export interface ImportedState extends NetFile {
  /** What was changed or assumed, as sentences. */
  readonly notices: readonly string[];
}

const MAX_ARCH_LENGTH = 40;

/** The name of a net: that of its file, with the characters that names of nets have. */
const archOf = (path: string): string =>
  basename(path, extname(path))
    .replace(/[^A-Za-z0-9_-]+/g, "_")
    .slice(0, MAX_ARCH_LENGTH) || "imported";

/** ImageNet's number of classes. */
const IMAGENET_CLASSES = 1000;

/** The images of a net whose file does not describe them: normalized as most published nets expect it. */
const assumedImages = ({ input: { height, width }, classes }: GraphSpec): DataSetInfo => {
  const { mean, std, crop, resizedSide, interpolation } = IMAGENET_PREPROCESSING;
  const side = Math.max(height, width);
  return {
    name: classes === IMAGENET_CLASSES ? IMAGENET : OWN_IMAGES,
    channels: 3,
    height,
    width,
    mean,
    std,
    augmentation: { cropPadding: 0, mirror: true },
    classNames: numberedClasses(classes),
    evaluation: {
      resizedSide: Math.max(Math.round((side * (resizedSide ?? crop)) / crop), side),
      interpolation,
    },
  };
};

/** The images that a file written by qprune describes; undefined for any other. */
const recordedImages = (
  { metadata }: ImportedModel,
  { input, classes }: GraphSpec,
): DataSetInfo | undefined => {
  const info = dataSetInfoSchema.safeParse(jsonOf(metadata.get(DATA_SET_KEY) ?? "")).data;
  const fits =
    info?.height === input.height &&
    info.width === input.width &&
    info.classNames.length === classes;
  return fits ? info : undefined;
};

const ASSUMED =
  "The file does not record how its images are prepared, so ImageNet's mean and deviation are assumed.";

/** @throws QpruneError for nets of other images than those in color. */
const stateOf = (
  imported: ImportedModel,
  path: string,
  { normalization }: ForeignOptions,
): ImportedState => {
  const spec = specOfGraph({
    arch: archOf(path),
    graph: imported.model.graph,
    quantization: FULL_PRECISION,
    form: "trainable",
  });
  if (spec.input.channels !== 3) {
    throw new QpruneError(
      `${path}: its images have ${spec.input.channels} channels; qprune's data sets have 3.`,
      { hint: "In a program, importModel reads nets of any images." },
    );
  }
  const recorded = recordedImages(imported, spec);
  const dataSet = { ...(recorded ?? assumedImages(spec)), ...normalization };
  const version = packageVersion();
  return {
    tensors: modelState(imported.model),
    metadata: manifestToMetadata({ spec, dataSet, epoch: 0, isFinished: true, version }),
    notices: [...imported.notices, ...(recorded || normalization ? [] : [ASSUMED])],
  };
};

/**
 * Reads an open file of another program's net as a file of qprune.
 * @throws QpruneError if it is not valid, or contains what nets do not have.
 */
export const readForeignState = async (
  file: OpenFile,
  format: ForeignFormat,
  options: ForeignOptions,
): Promise<ImportedState> =>
  stateOf(await FOREIGN_FORMATS[format].read(file, options), file.path, options);
