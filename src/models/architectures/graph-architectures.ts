import { birealResnets } from "./bireal-resnet.js";
import { cifarResnets } from "./cifar-resnet.js";
import type { DefinedArchitecture } from "./define-architecture.js";
import { densenets } from "./densenet.js";
import { efficientnets } from "./efficientnet-lite.js";
import { mobilenets } from "./mobilenet-v2.js";
import { resnets } from "./resnet.js";
import { shufflenets } from "./shufflenet-v2.js";
import { squeezenets } from "./squeezenet.js";
import { vggs } from "./vgg.js";

/** The built-in nets that are no chains, by name; their tensors have the names of their sources. */
export const graphArchitectures = {
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

export type GraphArchitectureName = keyof typeof graphArchitectures;
export const graphArchitectureNames = Object.keys(graphArchitectures) as GraphArchitectureName[];

export const isGraphArchitectureName = (name: string): name is GraphArchitectureName =>
  Object.hasOwn(graphArchitectures, name);
