// The types of `qprune/runtime`. The build replaces the compiled file with a bundle that needs no other (scripts/lib/build.js).
export * from "./runtime/index.js";
