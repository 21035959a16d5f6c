import { TENSORFLOW_VERSION } from "../versions.js";

/** A published wheel with TensorFlow's libraries and C headers for one kind of machine. */
export interface Wheel {
  /** The package's name on the Python package index. */
  readonly project: string;
  readonly version: string;
  /** The Python version it is built for; any Python can download it, since only its libraries are used. */
  readonly pythonVersion: string;
  /** The platform tag for pip. */
  readonly pipPlatform: string;
  readonly fileName: string;
  readonly bytes: number;
  /** Hex digest of the whole file. */
  readonly sha256: string;
  /** The libraries in its folder `tensorflow/`; the one with the C interface comes first. */
  readonly libraries: readonly [main: string, framework: string];
  /** Whether the engine has been tested on such a machine. */
  readonly isTested: boolean;
}

const LINUX_LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"] as const;
const MACOS_LIBRARIES = ["libtensorflow_cc.2.dylib", "libtensorflow_framework.2.dylib"] as const;

/** The wheels by `platform-arch`, as Node's `process` names them. */
export const WHEELS: Readonly<Record<string, Wheel>> = {
  "linux-x64": {
    project: "tensorflow-cpu",
    version: TENSORFLOW_VERSION,
    pythonVersion: "3.11",
    pipPlatform: "manylinux_2_17_x86_64",
    fileName: "tensorflow_cpu-2.18.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    bytes: 230_236_181,
    sha256: "810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298",
    libraries: LINUX_LIBRARIES,
    isTested: true,
  },
  "linux-arm64": {
    project: "tensorflow",
    version: TENSORFLOW_VERSION,
    pythonVersion: "3.11",
    pipPlatform: "manylinux_2_17_aarch64",
    fileName: "tensorflow-2.18.1-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
    bytes: 231_937_898,
    sha256: "8a6485edd2148f70d011dbd1d8dc2c775e91774a5a159466e83d0d1f21580944",
    libraries: LINUX_LIBRARIES,
    isTested: false,
  },
  "darwin-arm64": {
    project: "tensorflow",
    version: TENSORFLOW_VERSION,
    pythonVersion: "3.11",
    pipPlatform: "macosx_12_0_arm64",
    fileName: "tensorflow-2.18.1-cp311-cp311-macosx_12_0_arm64.whl",
    bytes: 239_549_037,
    sha256: "661029cd769b311db910b79a3a6ef50a5a61ecc947172228c777a49989722508",
    libraries: MACOS_LIBRARIES,
    isTested: false,
  },
};

/** The wheel for a machine; undefined if TensorFlow publishes none. */
export const wheelFor = (platform: string, arch: string): Wheel | undefined =>
  WHEELS[`${platform}-${arch}`];
