import type { GlobalRule, Refuse } from "./pickle-dialect.js";
import { emptyDict, isDict, isTuple, type PickleValue, setItems } from "./pickle-value.js";

const pairOf = <T>(pair: PickleValue<T>): readonly PickleValue<T>[] | undefined => {
  const items = isTuple(pair) ? pair.items : pair;
  return Array.isArray(items) && items.length === 2 ? items : undefined;
};

/** collections.OrderedDict: empty, to be filled by later opcodes, or (Python 2) from a list of pairs. */
export const orderedDict = <T>(refuse: Refuse): GlobalRule<T> => ({
  call: ([pairs, ...more], spend) => {
    const dict = emptyDict<T>();
    if (pairs === undefined) return dict;
    if (!Array.isArray(pairs) || more.length > 0) {
      throw refuse("an OrderedDict in its pickle is not created from a list");
    }
    // A memoized list can be used repeatedly, so its pairs count each time (CWE-409).
    spend(pairs.length);
    for (const pair of pairs) {
      const items = pairOf(pair);
      if (!items) throw refuse("an OrderedDict in its pickle is not created from pairs");
      setItems(dict, items, refuse);
    }
    return dict;
  },
});

const MAX_LATIN1 = 0xff;

/**
 * _codecs.encode: Python 3 writes bytes in protocol 2 as Latin-1 text. All calls together yield at most
 * `maxBytes`, the size of the file, because a memoized string can be encoded repeatedly (CWE-409).
 */
export const latin1Encode = <T>(refuse: Refuse, maxBytes: number): GlobalRule<T> => {
  let total = 0;
  return {
    call: ([text, encoding, ...more]) => {
      if (typeof text !== "string" || encoding !== "latin1" || more.length > 0) {
        throw refuse("its pickle encodes something other than a string as Latin-1");
      }
      total += text.length;
      if (total > maxBytes) throw refuse(`its pickle encodes more than ${maxBytes} characters`);
      const bytes = new Uint8Array(text.length);
      for (let index = 0; index < text.length; index++) {
        const code = text.charCodeAt(index);
        if (code > MAX_LATIN1)
          throw refuse("its pickle has a string with characters outside Latin-1");
        bytes[index] = code;
      }
      return bytes;
    },
  };
};

/** collections.Counter: its dict of counts. */
export const counter = <T>(): GlobalRule<T> => ({
  call: ([counts]) => (isDict(counts) ? counts : emptyDict<T>()),
});

/** collections.defaultdict: empty, to be filled by later opcodes; its default factory is ignored. */
export const defaultDict = <T>(): GlobalRule<T> => ({ call: () => emptyDict<T>() });
