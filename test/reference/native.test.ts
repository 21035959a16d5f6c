import { test } from "vitest";
import { expectAgreement } from "./expect-agreement.js";

test("operations and nets agree with the reference values on the native engine", () =>
  expectAgreement("native"));
