/**
 * Modules whose functions run programs, import code, open files or reach the network. qprune runs none of them;
 * a file that refers to one attacks whoever loads it in Python, and is refused for that.
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

/** The builtins that make data; all others are refused. getattr is how Python pickles some enums. */
const BUILTIN_DATA: ReadonlySet<string> = new Set(
  [
    "Ellipsis NotImplemented bool bytearray bytes complex dict float frozenset getattr int list long object",
    "range set slice str tuple type unicode xrange",
  ].flatMap((line) => line.split(" ")),
);
const BUILTIN_MODULES: ReadonlySet<string> = new Set(["builtins", "__builtin__"]);

/** Names in other modules that load or run what they are given. */
const DANGEROUS_NAMES: ReadonlySet<string> = new Set([
  "numpy.load",
  "torch.hub.load",
  "torch.jit.load",
  "torch.load",
  "torch.serialization.load",
  "types.CodeType",
  "types.FunctionType",
]);

/** Whether what a global of this name makes may become a placeholder: data, and classes of the program that saved it. */
export const isHarmlessGlobal = (name: string): boolean => {
  const module = name.slice(0, Math.max(name.indexOf("."), 0));
  if (BUILTIN_MODULES.has(module)) return BUILTIN_DATA.has(name.slice(module.length + 1));
  return !DANGEROUS_MODULES.has(module) && !DANGEROUS_NAMES.has(name);
};
