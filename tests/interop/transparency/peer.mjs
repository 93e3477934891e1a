// Plays one side of a script on a pair of streams and records what it receives.
import { find, messagesOf } from './json_spans.mjs';

const kNewline = 10;

/// Whole lines out of chunks.
class Lines {
  constructor() {
    this.chunks = [];
  }

  /// The lines that end in the chunk, without their newlines.
  *take(chunk) {
    let start = 0;
    for (let end; (end = chunk.indexOf(kNewline, start)) >= 0; start = end + 1) {
      yield Buffer.concat([...this.chunks.splice(0), chunk.subarray(start, end)]).toString();
    }
    if (start < chunk.length) this.chunks.push(chunk.subarray(start));
  }
}

/// The text a line has, its holes filled with the ids received.
function filled(line, ids) {
  return line.parts.map((part) => (typeof part === 'string' ? part : ids[part.of])).join('');
}

/// Writes in pieces that do not end where lines end.
function writeInPieces(output, bytes, random) {
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + random.below(random.chance(50) ? 100 : 100_000);
    output.write(bytes.subarray(at, at + size));
    at += size;
  }
}

/// Sends `lines` in their order, each when it is its turn. Fulfilled with all bytes received, when the
/// input has ended. `done` is called once when all is sent and `expected` messages have come.
export async function play({ lines, expected, random, input, output, done }) {
  const received = [];
  const ids = [];
  const reader = new Lines();
  let next = 0;
  let isDone = false;
  const send = () => {
    const texts = [];
    while (next < lines.length && lines[next].after <= ids.length) texts.push(filled(lines[next++], ids));
    writeInPieces(output, Buffer.from(texts.join('')), random);
    if (isDone || next < lines.length || ids.length < expected) return;
    isDone = true;
    done();
  };
  send();
  for await (const chunk of input) {
    received.push(chunk);
    for (const line of reader.take(chunk)) {
      if (line.trim() === '') continue;
      for (const message of messagesOf(line.trim())) {
        const id = find(message, 'id');
        ids.push(id && message.slice(id.start, id.end));
      }
    }
    send();
  }
  return Buffer.concat(received);
}
