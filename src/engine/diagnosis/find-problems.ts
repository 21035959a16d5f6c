import { noexecReason, OTHER_DISK } from "../setup/cache/unloadable-cache.js";
import type { Diagnosis, Problem } from "./diagnosis.js";

const MIN_NODE = 20;

type Facts = Omit<Diagnosis, "problems"> & {
  readonly isSetUp: boolean;
  /** Why the machine cannot have a native engine at all. */
  readonly obstacle: string | undefined;
};

const softwareProblems = ({ versions, isSetUp }: Facts): (Problem | false)[] => [
  Number.parseInt(versions.node, 10) < MIN_NODE && {
    what: `Node ${versions.node} is too old.`,
    remedy: `Install Node ${MIN_NODE} or later.`,
  },
  versions.compiler === null && {
    what: "No C++ compiler was found.",
    remedy: "Install g++, for example with apt-get install g++, or name one in CXX.",
  },
  versions.pip === null &&
    !isSetUp && {
      what: "No Python 3 with pip was found.",
      remedy: "Install python3-pip, or use qprune setup --wheel FILE.",
    },
];

/** What is wrong with the place of the engine; then nothing else about it matters. */
const placeProblem = ({ cache, engine }: Facts): Problem | undefined => {
  if (cache.folder === null) {
    return {
      what: "There is no folder for the engine's cache: this user has no home folder.",
      remedy: "Name a folder that you may write to: XDG_CACHE_HOME=/path/of/folder",
    };
  }
  if (engine.isUsable || cache.noexecMount === null) return undefined;
  return { what: `The cache ${noexecReason(cache.noexecMount)}.`, remedy: OTHER_DISK };
};

const stateProblem = (facts: Facts): Problem | undefined => {
  const { engine, isSetUp } = facts;
  const place = placeProblem(facts);
  if (place) return place;
  if (!isSetUp) return { what: "The native engine is not set up.", remedy: "Run: qprune setup" };
  if (engine.isUsable) return undefined;
  return {
    what: `The native engine does not work: ${engine.detail}`,
    remedy: "Run qprune setup --remove, then qprune setup.",
  };
};

const engineProblems = (facts: Facts): (Problem | false)[] => {
  const { machine, obstacle } = facts;
  return [
    obstacle !== undefined && {
      what: `No native engine runs on this machine: ${obstacle}.`,
      remedy: "Use --engine js.",
    },
    obstacle === undefined && (stateProblem(facts) ?? false),
    !machine.isOneDnnOn && {
      what: "oneDNN is off (TF_ENABLE_ONEDNN_OPTS=0): training is slower, above all with grouped convolutions.",
      remedy: "Unset TF_ENABLE_ONEDNN_OPTS.",
    },
  ];
};

/** What is wrong with the facts, the worst last to be done first to last. */
export const findProblems = (facts: Facts): Problem[] =>
  [...softwareProblems(facts), ...engineProblems(facts)].filter((problem) => problem !== false);
