import type { QpruneError } from "../../base/errors.js";
import type { GlobalRule, PickleDialect, Refuse } from "../pickle/pickle-dialect.js";
import { isTuple, tupleOf } from "../pickle/pickle-value.js";
import { counter, defaultDict, orderedDict } from "../pickle/python-globals.js";
import { MAX_PICKLE_BYTES } from "./limits.js";
import { malformed } from "./pth-file.js";
import {
  rebuildForeign,
  rebuildFromType,
  rebuildParameter,
  rebuildTensor,
  rebuildTypedTensor,
  storageOf,
} from "./rebuild-tensor.js";
import { STORAGE_TYPES, type StorageRef, type TorchObject } from "./torch-value.js";

/**
 * Modules whose functions run programs, import code, open files or access the network (CWE-502). qprune never
 * runs them, but a file that refers to one attacks anyone who loads it in Python, so it is refused.
 */
const DANGEROUS_MODULES: ReadonlySet<string> = new Set(
  [
    "_io aiohttp asyncio bdb cPickle cProfile code codeop commands ctypes dill distutils doctest ensurepip ftplib",
    "glob http httplib imaplib importlib io joblib linecache marshal mmap multiprocessing nt ntpath operator os",
    "_pickle pdb pickle pip pkgutil poplib posix posixpath profile pty pydoc requests runpy shelve shutil signal",
    "smtplib socket socketserver ssl subprocess sys tempfile timeit trace urllib urllib2 webbrowser",
    "xmlrpc zipimport",
  ].flatMap((line) => line.split(" ")),
);

/** Builtins that create data; all others are refused. Python pickles some enums with getattr. */
const BUILTIN_DATA: ReadonlySet<string> = new Set(
  [
    "Ellipsis NotImplemented bool bytearray bytes complex dict float frozenset getattr int list long object",
    "range set slice str tuple type unicode xrange",
  ].flatMap((line) => line.split(" ")),
);
const BUILTIN_MODULES: ReadonlySet<string> = new Set(["builtins", "__builtin__"]);

/** Names in other modules that load or run their arguments. */
const DANGEROUS_NAMES: ReadonlySet<string> = new Set([
  "numpy.load",
  "torch.hub.load",
  "torch.jit.load",
  "torch.load",
  "torch.serialization.load",
  "types.CodeType",
  "types.FunctionType",
]);

/** Whether objects of a global may become placeholders: those of data and of the saving program's classes may. */
const isHarmlessGlobal = (name: string): boolean => {
  const module = name.slice(0, Math.max(name.indexOf("."), 0));
  if (BUILTIN_MODULES.has(module)) return BUILTIN_DATA.has(name.slice(module.length + 1));
  return !DANGEROUS_MODULES.has(module) && !DANGEROUS_NAMES.has(name);
};

type Rules = readonly (readonly [name: string, rule: GlobalRule<TorchObject>])[];

const tensorRules = (refuse: Refuse): Rules => [
  ["torch._utils._rebuild_tensor", rebuildTensor(refuse)],
  ["torch._utils._rebuild_tensor_v2", rebuildTensor(refuse)],
  ["torch._utils._rebuild_tensor_v3", rebuildTypedTensor(refuse)],
  ["torch._utils._rebuild_parameter", rebuildParameter(refuse)],
  ["torch._utils._rebuild_parameter_with_state", rebuildParameter(refuse)],
  ["torch.nn.parameter.Parameter", rebuildParameter(refuse)],
  ["torch._utils._rebuild_device_tensor_from_cpu_tensor", rebuildParameter(refuse)],
  ["torch._utils._rebuild_device_tensor_from_numpy", rebuildForeign("a tensor of another device")],
  ["torch._utils._rebuild_sparse_tensor", rebuildForeign("a sparse tensor")],
  ["torch._utils._rebuild_sparse_csr_tensor", rebuildForeign("a sparse tensor")],
  ["torch._utils._rebuild_qtensor", rebuildForeign("a quantized tensor")],
  ["torch._utils._rebuild_nested_tensor", rebuildForeign("a nested tensor")],
  ["torch._utils._rebuild_meta_tensor_no_storage", rebuildForeign("a tensor without data (meta)")],
  ["torch._utils._rebuild_wrapper_subclass", rebuildForeign("a tensor of another class")],
];

/** torch.Size is a tuple. */
const sizeRule: GlobalRule<TorchObject> = {
  call: ([sides]) => (isTuple(sides) ? sides : tupleOf([])),
};

/**
 * The pickles of torch.save: state dicts and the values around them, of which everything but plain data and tensors
 * becomes a placeholder. `checkStorage` is called with every storage that a pickle refers to and throws if the file
 * lacks it.
 */
export const torchDialect = (
  fileName: string,
  checkStorage: (storage: StorageRef) => void,
): PickleDialect<TorchObject> => {
  const refuse = (reason: string, isForeign?: boolean): QpruneError =>
    malformed(fileName, reason, { isForeign });
  const rules = new Map(tensorRules(refuse));
  return {
    purpose: "checkpoint",
    globals: new Map<string, GlobalRule<TorchObject>>([
      ["collections.OrderedDict", orderedDict(refuse)],
      ["collections.Counter", counter()],
      ["collections.defaultdict", defaultDict()],
      ["torch.Size", sizeRule],
      ["torch._tensor._rebuild_from_type_v2", rebuildFromType(rules, refuse)],
      ...rules,
      ...[...STORAGE_TYPES.keys()].map((name) => [name, {}] as const),
    ]),
    isHarmless: isHarmlessGlobal,
    persistent: (id) => storageOf(id, checkStorage, refuse),
    refuse,
    maxBytes: MAX_PICKLE_BYTES,
  };
};
