import { NOEXEC_REMEDY, noexecReason } from "../setup/cache/unloadable-cache.js";
import type { Diagnosis, Problem } from "./diagnosis.js";

const MIN_NODE = 20;

type Facts = Omit<Diagnosis, "problems"> & {
  readonly isSetUp: boolean;
  /** Why no native engine can run on the machine. */
  readonly obstacle: string | undefined;
};

const softwareProblems = ({ versions, isSetUp }: Facts): (Problem | false)[] => [
  Number.parseInt(versions.node, 10) < MIN_NODE && {
    what: `Node ${versions.node} is too old.`,
    remedy: `Install Node ${MIN_NODE} or later.`,
  },
  versions.compiler === null && {
    what: "No C++ compiler was found.",
    remedy: "Install g++, for example with apt-get install g++, or set CXX to a compiler.",
  },
  versions.pip === null &&
    !isSetUp && {
      what: "No Python 3 with pip was found.",
      remedy: "Install python3-pip, or set up the engine from a downloaded wheel.",
      code: "pip-missing",
    },
];

/** The problem with the engine's folder; the engine's other problems follow from it. */
const folderProblem = ({ cache, engine }: Facts): Problem | undefined => {
  if (cache.folder === null) {
    return {
      what: "There is no folder for the engine's cache: this user has no home folder.",
      remedy:
        "Set XDG_CACHE_HOME to a folder that you can write to: XDG_CACHE_HOME=/path/of/folder",
    };
  }
  if (engine.isUsable || cache.noexecMount === null) return undefined;
  return {
    what: `The cache ${noexecReason(cache.noexecMount)}.`,
    remedy: NOEXEC_REMEDY,
    code: "engine-cache-noexec",
  };
};

const stateProblem = (facts: Facts): Problem | undefined => {
  const { engine, isSetUp } = facts;
  const problem = folderProblem(facts);
  if (problem) return problem;
  if (!isSetUp) {
    return {
      what: "The native engine is not set up.",
      remedy: "Set it up.",
      code: "engine-not-set-up",
    };
  }
  if (engine.isUsable) return undefined;
  return {
    what: `The native engine does not work: ${engine.detail}`,
    remedy: "Remove the engine from the cache and set it up again.",
    code: "engine-incomplete",
  };
};

const engineProblems = (facts: Facts): (Problem | false)[] => {
  const { machine, obstacle } = facts;
  return [
    obstacle !== undefined && {
      what: `No native engine runs on this machine: ${obstacle}.`,
      remedy: "Use the JavaScript engine.",
      code: "engine-unavailable",
    },
    obstacle === undefined && (stateProblem(facts) ?? false),
    !machine.isOneDnnOn && {
      what: "oneDNN is off (TF_ENABLE_ONEDNN_OPTS=0): training is slower, especially with grouped convolutions.",
      remedy: "Unset TF_ENABLE_ONEDNN_OPTS.",
    },
  ];
};

/** The problems, in the order in which to solve them; the worst is the last one. */
export const findProblems = (facts: Facts): Problem[] =>
  [...softwareProblems(facts), ...engineProblems(facts)].filter((problem) => problem !== false);
