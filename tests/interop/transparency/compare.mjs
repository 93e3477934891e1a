// What one side received without the gate and with it: equal, but for wire ids.
import { find, messagesOf, textAt } from './json_spans.mjs';

const isBlank = (line) => line.trim() === '';

function linesOf(bytes, what) {
  const lines = bytes.toString('latin1').split('\n');
  if (lines.pop() !== '') throw new Error(`${what}: the last line has no end`);
  return lines;
}

/// The lines as the gate is to pass them on: the server's without blank ones, all without a carriage
/// return at the end; arrays taken apart, but the answers to one array gathered in one.
function asForwarded(bytes, script, keepsBlank) {
  const messages = script.flatMap((line) => line.messages);
  const forwarded = [];
  let i = 0;
  for (const line of linesOf(bytes, 'direct')) {
    const bare = line.replace(/\r$/, '');
    if (isBlank(line)) {
      if (keepsBlank) forwarded.push(bare);
      continue;
    }
    if (!bare.trim().startsWith('[')) forwarded.push(bare);
    else if (script[i].gathered) forwarded.push(`[${messagesOf(bare).join(',')}]`);
    else forwarded.push(...messagesOf(bare));
    ++i;
  }
  return { forwarded, messages };
}

/// Where in a message a wire id stands.
function placeOfWireId(line, message) {
  if (message.opens) return find(line, 'id');
  const method = JSON.parse(textAt(line, 'method'));
  return find(line, 'params', method === '$/cancelRequest' ? 'id' : 'requestId');
}

/// The line with the wire id replaced by what stands there in `direct`; the wire id is checked.
function mappedBack(line, direct, message, index, wireIds) {
  if (!message.opens && message.names === undefined) return line;
  const theirs = placeOfWireId(direct, message);
  const place = placeOfWireId(line, message);
  const wireId = line.slice(place.start, place.end);
  if (message.opens) {
    if (!/^[1-9][0-9]{0,15}$/.test(wireId) || !Number.isSafeInteger(Number(wireId)))
      throw new Error(`${wireId} is no wire id`);
    if ([...wireIds.values()].includes(wireId)) throw new Error(`wire id ${wireId} is used twice`);
    wireIds.set(index, wireId);
  } else if (wireIds.get(message.names) !== wireId) {
    throw new Error(`${wireId} is not the wire id of the request it names`);
  }
  return line.slice(0, place.start) + direct.slice(theirs.start, theirs.end) + line.slice(place.end);
}

function excerpt(line, at) {
  return JSON.stringify(line.slice(Math.max(0, at - 60), at + 60));
}

function assertSame(line, direct, i) {
  if (line === direct) return;
  let at = 0;
  while (line[at] === direct[at]) ++at;
  throw new Error(`line ${i} differs at ${at}: ${excerpt(line, at)} instead of ${excerpt(direct, at)}`);
}

/// Throws where `gated` is not `direct` except for wire ids. `side`: the one that has received them;
/// `script`: the lines of the other.
export function compare(side, direct, gated, script) {
  const { forwarded, messages } = asForwarded(direct, script, side === 'server');
  const lines = linesOf(gated, 'gated');
  const wireIds = new Map();
  let index = 0;
  forwarded.forEach((expected, i) => {
    if (lines[i] === undefined) throw new Error(`line ${i} is missing: ${excerpt(expected, 0)}`);
    if (isBlank(expected)) return assertSame(lines[i], expected, i);
    const count = messagesOf(expected).length;
    const isOne = !expected.trim().startsWith('[');
    assertSame(isOne ? mappedBack(lines[i], expected, messages[index], index, wireIds) : lines[i], expected, i);
    index += count;
  });
  if (lines.length > forwarded.length) throw new Error(`too much: ${excerpt(lines[forwarded.length], 0)}`);
}
