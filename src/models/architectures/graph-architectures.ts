import { birealResnets } from "./bireal-resnet.js";
import { cifarResnets } from "./cifar-resnet.js";
import type { DefinedArchitecture } from "./define-architecture.js";
import { densenets } from "./densenet.js";
import { detectorOn } from "./detectors/detector.js";
import { tinyYolo } from "./detectors/tiny-yolo.js";
import { efficientnets } from "./efficientnet-lite.js";
import { mobilenets } from "./mobilenet-v2.js";
import { resnets } from "./resnet.js";
import { shufflenets } from "./shufflenet-v2.js";
import { squeezenets } from "./squeezenet.js";
import { vggs } from "./vgg.js";

/** The classifiers that are no chains, by name; their tensors have the names of their sources. */
const classifiers = {
  ...vggs,
  ...cifarResnets,
  ...birealResnets,
  ...resnets,
  ...mobilenets,
  ...efficientnets,
  ...densenets,
  ...shufflenets,
  ...squeezenets,
} as const satisfies Readonly<Record<string, DefinedArchitecture>>;

/** The classifiers on whose backbones detectors are built. */
const BACKBONES = [
  "resnet20",
  "resnet56",
  "resnet18",
  "mobilenet_v2",
  "shufflenet_v2_x1_0",
  "efficientnet_lite0",
] as const satisfies readonly (keyof typeof classifiers)[];

type DetectorName = `detector_${(typeof BACKBONES)[number]}`;

/** The name of the classifier on whose backbone a detector is built; undefined for other nets. */
export const backboneName = (detector: string): GraphArchitectureName | undefined =>
  BACKBONES.find((name) => `detector_${name}` === detector);

const detectors = Object.fromEntries(
  BACKBONES.map((name) => [`detector_${name}`, detectorOn(classifiers[name], name)]),
  // Object.fromEntries forgets the names.
) as Readonly<Record<DetectorName, DefinedArchitecture>>;

/** The built-in nets that are no chains, by name: classifiers and detectors. */
export const graphArchitectures = {
  ...classifiers,
  ...detectors,
  tiny_yolo_v2: tinyYolo,
} as const satisfies Readonly<Record<string, DefinedArchitecture>>;

export type GraphArchitectureName = keyof typeof graphArchitectures;
export const graphArchitectureNames = Object.keys(graphArchitectures) as GraphArchitectureName[];

export const isGraphArchitectureName = (name: string): name is GraphArchitectureName =>
  Object.hasOwn(graphArchitectures, name);
