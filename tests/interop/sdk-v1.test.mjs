// The official TypeScript SDK 1.x through the gate: what the client sees must be what it sees without.
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { ClientV1 } from './client_v1.mjs';
import { behindGate, server } from './support.mjs';

const everything = server('@modelcontextprotocol/server-everything', 'stdio');
const limit = { timeout: 60_000 };

/// Everything a client sees of server-everything, in an order that does not depend on time.
async function tourOfEverything(t, command) {
  const client = await ClientV1.connect(t, command);
  const seen = {};
  seen.server = client.getServerVersion();
  seen.capabilities = client.getServerCapabilities();
  seen.instructions = client.getInstructions();
  seen.tools = await client.listTools();

  seen.echoes = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      client.callTool({ name: 'echo', arguments: { message: `message ${i} – \u{1f600} "quoted"` } }),
    ),
  );

  // The SDK's client loses the last progress when it comes together with the answer, gate or none.
  const steps = [];
  seen.longRunning = await client.callTool(
    { name: 'trigger-long-running-operation', arguments: { duration: 0.5, steps: 5 } },
    undefined,
    { onprogress: (progress) => steps.push(progress) },
  );
  seen.progress = steps.slice(0, 4);

  seen.sampling = await client.callTool({
    name: 'trigger-sampling-request',
    arguments: { prompt: 'what is a gate?', maxTokens: 10 },
  });
  seen.elicitation = await client.callTool({ name: 'trigger-elicitation-request', arguments: {} });
  seen.roots = await client.callTool({ name: 'get-roots-list', arguments: {} });

  const abort = new AbortController();
  const cancelled = client.callTool(
    { name: 'trigger-long-running-operation', arguments: { duration: 60, steps: 600 } },
    undefined,
    { signal: abort.signal, onprogress: () => abort.abort('enough') },
  );
  seen.cancelled = await cancelled.catch((error) => String(error));

  seen.unknownTool = await client.callTool({ name: 'no-such-tool', arguments: {} }).catch(String);
  seen.resources = await client.listResources();
  seen.templates = await client.listResourceTemplates();
  seen.prompts = await client.listPrompts();
  seen.prompt = await client.getPrompt({ name: 'args-prompt', arguments: { city: 'Ulm' } }).catch(String);
  seen.ping = await client.ping();
  await client.close();
  seen.errors = client.errors.filter((error) => !error.includes('progress notification for an unknown token'));
  return seen;
}

test('server-everything looks the same with and without the gate', limit, async (t) => {
  const direct = await tourOfEverything(t, everything);
  const gated = await tourOfEverything(t, behindGate(everything));
  assert.deepEqual(gated, direct);
  // And it is what a client wants to see.
  assert.equal(gated.echoes.length, 100);
  gated.echoes.forEach((echo, i) => assert.match(echo.content[0].text, new RegExp(`message ${i} `)));
  assert.deepEqual(gated.progress.map(({ progress }) => progress), [1, 2, 3, 4]);
  assert.match(gated.sampling.content[0].text, /sampled: .*what is a gate\?/);
  assert.match(gated.cancelled, /enough/);
  assert.deepEqual(gated.errors, []);
});

test('a file of 5 MiB is read through server-filesystem', limit, async (t) => {
  const directory = await realpath(await mkdtemp(path.join(tmpdir(), 'stdiogate-interop-')));
  try {
    const line = 'a line of the file, with "quotes", a tab\tand \u00e9\u{1f600}\n';
    const text = line.repeat(Math.ceil((5 * 1024 * 1024) / Buffer.byteLength(line)));
    const file = path.join(directory, 'big.txt');
    await writeFile(file, text);
    const filesystem = server('@modelcontextprotocol/server-filesystem', directory);
    const read = async (command) => {
      const client = await ClientV1.connect(t, command);
      const tools = await client.listTools();
      const result = await client.callTool({ name: 'read_text_file', arguments: { path: file } });
      await client.close();
      assert.deepEqual(client.errors, []);
      return { tools, result };
    };
    const gated = await read(behindGate(filesystem));
    assert.equal(gated.result.content[0].text, text);
    assert.deepEqual(gated, await read(filesystem));
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('a limit is told to the client as an error it can act on', limit, async (t) => {
  const client = await ClientV1.connect(t, behindGate(everything, '--max-in-flight', '1'));
  const slow = client.callTool({
    name: 'trigger-long-running-operation',
    arguments: { duration: 0.3, steps: 1 },
  });
  const refused = await client.callTool({ name: 'echo', arguments: { message: 'x' } }).catch((e) => e);
  assert.equal(refused.code, -31001);
  assert.match(refused.message, /Maximum concurrent requests \(1\) exceeded/);
  assert.deepEqual(refused.data, { from: 'stdiogate', reason: 'limit', retryable: true, limit: 1 });
  await client.ping(); // has a reserve
  await slow;
  const served = await client.callTool({ name: 'echo', arguments: { message: 'x' } });
  assert.match(served.content[0].text, /x/);
  await client.close();
});
