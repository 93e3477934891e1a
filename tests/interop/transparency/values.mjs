// JSON text as awkward as the grammar allows.

const kNumbers = [
  '0', '-0', '1', '-1', '1.0', '1e0', '0.1', '1E+2', '1e-7', '1e400', '-1e-400', '9007199254740993',
  '123456789012345678901234567890', '0.30000000000000004', '3.141592653589793238462643383279502884',
];
const kStrings = [
  '""', '"plain"', '"\\"quoted\\""', '"a\\/b"', '"\\u0000\\u001f"', '"\\ud83d"', '"\\ude00\\ud83d"',
  '"\\ud83d\\ude00"', '"\u{1f600}"', '"\u00e9e\u0301"', '"\u2028\u2029\ufeff"', '"\\b\\f\\n\\r\\t\\\\"', '"\u007f"',
  '"[{"', '"}]"', '"\\\\"', '"\\\\\\""', '"2.0"', '"\u6f22\u5b57"', '"\\u0069d"', '"\u{10ffff}"',
  '"{\\"jsonrpc\\":\\"2.0\\",\\"id\\":1}"',
];
// Names the gate looks for elsewhere: here they mean nothing.
const kKeys = [
  '"id"', '"method"', '"params"', '"jsonrpc"', '"requestId"', '"_meta"', '"result"', '"error"', '"x"',
  '""', '"\\u0069d"', '"io.modelcontextprotocol/subscriptionId"', '"\u00fc"', '"a b"', '"constructor"',
];

export function blank(random) {
  return random.chance(85) ? '' : random.pick([' ', '  ', '\t', ' \t ', '   \r ']);
}

export function text(random) {
  return random.pick(kStrings);
}

export function value(random, depth = 0) {
  const kind = random.below(depth < 4 ? 7 : 4);
  if (kind === 0) return random.pick(kNumbers);
  if (kind < 3) return text(random);
  if (kind === 3) return random.pick(['null', 'true', 'false', '{}', '[]', '{ }', '[\t]']);
  if (kind === 4) return list(random, Array.from({ length: random.below(5) }, () => value(random, depth + 1)));
  const members = Array.from({ length: random.below(5) }, () => [random.pick(kKeys), value(random, depth + 1)]);
  return object(random, members);
}

function list(random, elements) {
  return `[${elements.map((element) => blank(random) + element + blank(random)).join(',')}]`;
}

export function object(random, members) {
  const spaced = members.map(
    ([key, its]) => `${blank(random)}${key}${blank(random)}:${blank(random)}${its}${blank(random)}`,
  );
  return `{${spaced.join(',')}}`;
}

/// Now and then something large or deep.
export function payload(random) {
  if (random.chance(98)) return value(random);
  const depth = 900;
  const size = random.pick([5_000, 70_000, 300_000, 1_500_000]);
  return random.pick([
    () => '['.repeat(depth) + value(random) + ']'.repeat(depth),
    () => '{"id":'.repeat(depth) + value(random) + '}'.repeat(depth),
    () => `"${'\u{1f600}\\n \\u00e9x'.repeat(size / 16)}"`,
    () => list(random, Array.from({ length: size / 20 }, () => random.pick(kNumbers))),
  ])();
}

/// The JSON text of a request id. No two calls with different numbers give ids of the same value.
export function id(random, number) {
  return random.pick([
    () => `${number}`,
    () => `${number}`,
    () => `-${number + 1}`,
    () => `${number}.0`,
    () => `${number}e0`,
    () => `${number}12345678901234567890`,
    () => `"${number}"`,
    () => `"listen:${number}"`,
    () => `"\\u0061\\"${number}"`,
    () => `"\u00fc\u{1f600}${number}"`,
    () => `"${number}\\ud83d"`,
  ])();
}

/// The same id, a string written otherwise where that is possible; numbers are compared as written.
export function respelled(random, itsId) {
  if (random.chance(50)) return itsId;
  const escaped = (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return itsId.replace(/^"([a-z0-9])/, (all, c) => `"${escaped(c)}`);
}
