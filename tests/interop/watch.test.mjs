// The server is rebuilt while it is called: no call notices.
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

import { Arrivals, behindGate, LineClient } from './support.mjs';

const kCalls = 1000;
const kInFlight = 10;
const kReplacements = 4;
const limit = { timeout: 60_000 };
const demo = path.join(process.env.STDIOGATE_BUILD ?? '.', 'demo_server');

/// Does as a linker does: the file is another one from then on, or gone for a moment.
async function rebuild(file, n) {
  if (n % 2 === 1) return copyFile(demo, `${file}.new`).then(() => rename(`${file}.new`, file));
  await rm(file);
  return copyFile(demo, file);
}

test('a server is replaced by each rebuild during 1,000 calls, and no call fails', limit, async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'stdiogate-watch-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = path.join(directory, 'server');
  await copyFile(demo, file);
  const options = ['--log-level', 'info', '--watch', file];
  const client = new LineClient(t, behindGate({ command: file, args: [] }, ...options), 'pipe');
  const reloads = new Arrivals();
  createInterface({ input: client.child.stderr }).on('line', (line) => {
    assert.doesNotMatch(line, / (warn|error) /);
    if (/ info reloaded/.test(line)) reloads.push(line);
  });

  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'watch', version: '1' } };
  client.send({ jsonrpc: '2.0', id: 'i', method: 'initialize', params });
  assert.equal(JSON.parse(await client.line()).result.protocolVersion, '2025-11-25');
  client.send({ jsonrpc: '2.0', method: 'notifications/initialized' });

  let sent = 0;
  let replacing = Promise.resolve();
  const call = () => {
    const id = ++sent;
    // Some take their time, so that there is always one that the old server has to finish.
    const [name, args] = id % 10 === 0 ? ['sleep', { ms: 20 }] : ['echo', { message: `call ${id}` }];
    client.send({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } });
  };
  const open = new Set();
  while (open.size < kInFlight) {
    call();
    open.add(sent);
  }
  for (let replacements = 0; open.size > 0; ) {
    const answer = JSON.parse(await client.line());
    assert.ok(open.delete(answer.id), `nobody waits for ${answer.id}`);
    const expected = answer.id % 10 === 0 ? 'Slept.' : `call ${answer.id}`;
    assert.deepEqual(answer.result, { content: [{ type: 'text', text: expected }] });
    // At least so many calls, and on until the last new server has come.
    if (replacements < kReplacements && reloads.length === replacements)
      replacing = rebuild(file, ++replacements);
    if (sent < kCalls || reloads.length < kReplacements) {
      call();
      open.add(sent);
    }
  }
  await replacing;
  assert.equal(reloads.length, kReplacements);
  assert.deepEqual(await client.end(), [0, null]);
});
