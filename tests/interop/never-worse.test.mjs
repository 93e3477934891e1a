// Situations in which a gate must not be worse than none: thinking users, long turns, old encodings,
// hosts that end, agents that crash, and a server that is replaced.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as thinking } from 'node:timers/promises';

import { client as acpClient, methods, ndJsonStream, PROTOCOL_VERSION } from '@agentclientprotocol/sdk';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

import { ClientV1 } from './client_v1.mjs';
import { Arrivals, behindGate, needsNode, outcome, ownServer, textOf } from './support.mjs';

const limit = { timeout: 30_000 };
const modern = { ...limit, skip: needsNode(20) };
const { ClientV2 } = modern.skip ? {} : await import('./client_v2.mjs');
const v1 = ownServer('servers/sdk-v1.mjs');
const v2 = ownServer('servers/sdk-v2.mjs');
const kShort = ['--timeout', '250ms'];
const kLong = 700; // for a person, or for a turn

test('a user thinks longer than the timeout', limit, async (t) => {
  const client = await ClientV1.connect(t, behindGate(v1, ...kShort));
  client.setRequestHandler(ElicitRequestSchema, async () => {
    await thinking(kLong);
    return { action: 'accept', content: { name: 'Ada' } };
  });
  assert.match(textOf({ content: (await client.call('ask', { times: 1 })).content.slice(2) }), /Ada/);
  assert.deepEqual(client.errors, []);
  await client.close();
});

for (const [name, server, connect] of [
  ['1.x', 'sdk-v1.mjs', (t, command) => ClientV1.connect(t, command)],
  ['2.x', 'sdk-v2.mjs', (t, command) => ClientV2.connect(t, command, 'auto')],
])
  test(`a server of the SDK ${name} whose answers are not UTF-8`, name === '2.x' ? modern : limit, async (t) => {
    const latin1 = ownServer('servers/latin1.mjs', server);
    const seen = [];
    for (const command of [latin1, behindGate(latin1, '--timeout', '20s')]) {
      const client = await connect(t, command);
      seen.push(textOf(await client.call('echo', { message: 'caf\u00e9 \u00fcber' })), client.errors);
      await client.close();
    }
    assert.deepEqual(seen, ['caf\ufffd \ufffdber', [], 'caf\ufffd \ufffdber', []]);
  });

for (const mode of ['auto', { pin: '2026-07-28' }])
  test(`a server is replaced under a client of 2026-07-28 (${JSON.stringify(mode)})`, modern, async (t) => {
    const command = { ...behindGate(v2, '--log-level', 'info'), stderr: 'pipe' };
    const client = await ClientV2.connect(t, command, mode);
    assert.equal(client.getProtocolEra(), 'modern');
    const reloads = new Arrivals();
    createInterface({ input: client.transport.stderr }).on('line', (line) => {
      assert.doesNotMatch(line, / (warn|error) /);
      if (/ info reloaded/.test(line)) reloads.push(line);
    });
    await client.call('meta'); // a pinned client has heard nothing yet: the gate may not run
    for (let reload = 1; reload <= 3; ++reload) {
      const calls = Array.from({ length: 20 }, (_, n) => client.call('echo', { message: `${reload} ${n}` }));
      process.kill(client.transport.pid, 'SIGUSR2');
      (await Promise.all(calls)).forEach((result, n) => assert.equal(textOf(result), `${reload} ${n}`));
      await reloads.reach(reload);
      assert.match(textOf(await client.call('meta')), /"io.modelcontextprotocol\/protocolVersion":"2026-07-28"/);
    }
    assert.deepEqual(client.errors, []);
    await client.close();
  });

/// A client with a call open to a server that notes why it ends, and that note.
async function inACall(t, connect) {
  const folder = await mkdtemp(path.join(tmpdir(), 'stdiogate-leaving-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'why');
  const client = await connect(t, behindGate(ownServer('servers/leaving.mjs', file)));
  const call = outcome(client.call('any'));
  await client.heard.reach(1);
  return { client, call, why: () => readFile(file, 'utf8') };
}

for (const [name, connect] of [
  ['1.x', (t, command) => ClientV1.connect(t, command)],
  ['2.x', (t, command) => ClientV2.connect(t, command, 'legacy')],
]) {
  const options = name === '2.x' ? modern : limit;
  test(`a host of the SDK ${name} closes during a call: the server hears of it and saves`, options, async (t) => {
    const { client, why } = await inACall(t, connect);
    await client.close();
    assert.equal(await why(), 'end of input');
  });

  test(`a host of the SDK ${name} interrupts: the server ends as it would without the gate`, options, async (t) => {
    const { client, call, why } = await inACall(t, connect);
    const closed = new Promise((resolve) => (client.onclose = resolve));
    process.kill(client.transport.pid, 'SIGINT');
    assert.match(await call, /^-31004: /);
    await closed;
    assert.equal(await why(), 'SIGINT');
  });
}

const agent = ownServer('servers/acp-agent.mjs');

/// An editor connected to an agent, its process, and a session that is new or loaded.
async function edit(t, command, work, load) {
  const child = spawn(command.command, command.args, { stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const updates = new Arrivals();
  const editor = acpClient({ name: 'editor' }).onNotification(
    methods.client.session.update,
    ({ params }) => void updates.push(params),
  );
  const stream = ndJsonStream(Writable.toWeb(child.stdin), Readable.toWeb(child.stdout));
  // A connection that the agent's end closes rejects, whatever the work has come to.
  const result = await outcome(editor.connectWith(stream, async (agent) => {
    await agent.request(methods.agent.initialize, { protocolVersion: PROTOCOL_VERSION, clientCapabilities: {} });
    const session = { cwd: '/', mcpServers: [] };
    const { sessionId } = load
      ? ((await agent.request(methods.agent.session.load, { ...session, sessionId: load })), { sessionId: load })
      : await agent.request(methods.agent.session.new, session);
    const prompt = (text) =>
      agent.request(methods.agent.session.prompt, { sessionId, prompt: [{ type: 'text', text }] });
    return work({ agent, sessionId, prompt, updates });
  }));
  child.stdin.end();
  return { result, status: await exited };
}

test('a turn of an agent takes longer than the timeout', limit, async (t) => {
  const work = async ({ agent, sessionId, prompt, updates }) => {
    const turn = prompt('wait');
    await updates.reach(1);
    await thinking(kLong);
    await agent.notify(methods.agent.session.cancel, { sessionId });
    return turn;
  };
  const { result, status } = await edit(t, behindGate(agent, ...kShort), work);
  assert.equal(result.stopReason ?? result, 'cancelled');
  assert.deepEqual(status, [0, null]);
});

test('an agent crashes: its editor hears of it, starts it again and loads the session', limit, async (t) => {
  const crash = {};
  const { status } = await edit(t, behindGate(agent), async ({ sessionId, prompt }) => {
    crash.session = sessionId;
    crash.turn = await outcome(prompt('crash'));
  });
  assert.match(crash.turn, /^-31003: /);
  assert.deepEqual(status, [7, null]);
  const work = async ({ agent, sessionId, prompt, updates }) => {
    const turn = prompt('wait');
    await updates.reach(1);
    await agent.notify(methods.agent.session.cancel, { sessionId });
    return turn;
  };
  const again = await edit(t, behindGate(agent), work, crash.session);
  assert.equal(again.result.stopReason ?? again.result, 'cancelled');
});
