import { test } from "vitest";
import { expectAgreement } from "./expect-agreement.js";

test("operations agree with the reference values on the JavaScript engine", () =>
  expectAgreement("js"));
