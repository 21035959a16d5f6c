// Ends the process on a Node.js that is too old, before anything else of qprune is loaded. This file and the one that
// requires it are CommonJS in plain syntax: older versions would fail to parse the rest, or fail in the middle of it.
const MIN_NODE = 20;

const version = process.versions.node;
if (Number.parseInt(version, 10) < MIN_NODE) {
  console.error(
    `error: qprune needs Node.js ${MIN_NODE} or later; this is ${version} (${process.execPath}). Install a newer one from https://nodejs.org or with nvm.`,
  );
  process.exit(1);
}
