import { z } from "zod";

const EXPECTED = "expected addresses separated by commas, as in 10.0.0.1:2222,10.0.0.2:2222";

/** host:port; an IPv6 address is in brackets. */
export const isAddress = (text: string): boolean => {
  const port = /^(?:[\w.-]+|\[[\da-fA-F:.]+\]):(\d{1,5})$/.exec(text)?.[1];
  return port !== undefined && Number(port) > 0 && Number(port) < 2 ** 16;
};

/** Different addresses, host:port each. */
export const addressList = () =>
  z
    .preprocess(
      (raw) => (typeof raw === "string" ? raw.split(",").map((each) => each.trim()) : raw),
      z.array(z.string().refine(isAddress, { error: EXPECTED }), { error: EXPECTED }).readonly(),
    )
    .refine((addresses) => new Set(addresses).size === addresses.length, {
      error: "expected a different address for every worker",
    });
