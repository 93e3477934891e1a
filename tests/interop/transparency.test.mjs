// The same client runs against the same server, directly and through the gate: what each of them
// receives is the same, byte for byte, but for wire ids.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { behindGate } from './support.mjs';
import { compare } from './transparency/compare.mjs';
import { play } from './transparency/peer.mjs';
import { Random } from './transparency/random.mjs';
import { methodsOf, revisions } from './transparency/revisions.mjs';
import { Script } from './transparency/script.mjs';

const seed = Number(process.env.STDIOGATE_SEED ?? Math.floor(Math.random() * 1e9));
const length = Number(process.env.STDIOGATE_LENGTH ?? 2000);
const serverScript = fileURLToPath(new URL('transparency/server.mjs', import.meta.url));
const limit = { timeout: 60_000 };

let directory;
before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'stdiogate-transparency-'));
});
after(() => rm(directory, { recursive: true }));

/// What client and server receive when they play the script.
async function record(script, { command, args }, t) {
  const recordFile = args.at(-1);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const client = await play({
    lines: script.lines.client,
    expected: script.sent.server,
    random: new Random(seed),
    input: child.stdout,
    output: child.stdin,
    done: () => child.stdin.end(),
  });
  assert.deepEqual(await exited, [0, null]);
  return { client, server: await readFile(recordFile) };
}

async function recordBoth(script, t) {
  const scriptFile = path.join(directory, 'script.json');
  const part = { lines: script.lines.server, expected: script.sent.client, seed };
  await writeFile(scriptFile, JSON.stringify(part));
  const recordFile = path.join(directory, 'record');
  const server = { command: process.execPath, args: [serverScript, scriptFile, recordFile] };
  const direct = await record(script, server, t);
  const gated = await record(script, behindGate(server, '--max-in-flight', '10000'), t);
  return { direct, gated };
}

for (const revision of Object.keys(revisions)) {
  test(`nothing but wire ids is changed: ${revision}`, limit, async (t) => {
    t.diagnostic(`STDIOGATE_SEED=${seed} STDIOGATE_LENGTH=${length}`);
    const script = new Script(revision, seed, length);
    const { direct, gated } = await recordBoth(script, t);
    compare('server', direct.server, gated.server, script.lines.client);
    compare('client', direct.client, gated.client, script.lines.server);
  });
}

test('a long script has messages of all kinds', () => {
  for (const [revision, features] of Object.entries(revisions)) {
    const { lines } = new Script(revision, seed, 4000);
    const text = JSON.stringify(lines);
    for (const method of methodsOf(features))
      assert.ok(text.includes(JSON.stringify(JSON.stringify(method)).slice(1, -1)), `${revision}: ${method}`);
    const all = Object.values(lines).flat();
    assert.ok(all.some(({ messages }) => messages.some(({ names }) => names !== undefined)), 'cancels');
    assert.equal(all.some(({ gathered }) => gathered), Boolean(features.batches), 'answers in arrays');
  }
});

test('the comparison sees a single byte that is changed', limit, async (t) => {
  const script = new Script('2025-03-26', 1, 150);
  const { direct, gated } = await recordBoth(script, t);
  const random = new Random(seed);
  for (const [side, sender] of [['server', 'client'], ['client', 'server']]) {
    const lines = script.lines[sender];
    const mustFail = (bytes, what) =>
      assert.throws(() => compare(side, direct[side], bytes, lines), `${side}: ${what} is not seen`);
    const bytes = gated[side];
    compare(side, direct[side], bytes, lines);
    for (let i = 0; i < 500; ++i) {
      const at = random.below(bytes.length);
      const changed = Buffer.from(bytes);
      changed[at] = changed[at] === 120 ? 121 : 120;
      mustFail(changed, `a change at ${at}`);
      // A wire id of fewer digits may be one, too.
      if (bytes[at] < 48 || bytes[at] > 57)
        mustFail(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]), `the lack of ${at}`);
      const end = bytes.indexOf('\n', at) + 1;
      const last = bytes.lastIndexOf('\n', end - 2) + 1;
      const line = bytes.subarray(last, end);
      mustFail(Buffer.concat([bytes.subarray(0, last), bytes.subarray(end)]), `the lack of the line at ${last}`);
      mustFail(Buffer.concat([bytes.subarray(0, end), line, bytes.subarray(end)]), `the line at ${last} doubled`);
    }
  }
});
