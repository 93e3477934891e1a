// The Agent Client Protocol has the same framing as MCP: an agent and an editor made with its SDK see
// the same with and without the gate.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { test } from 'node:test';

import { client, methods, ndJsonStream, PROTOCOL_VERSION } from '@agentclientprotocol/sdk';

import { Arrivals, behindGate, deferred, outcome, ownServer } from './support.mjs';

const server = ownServer('servers/acp-agent.mjs');

/// An editor that notes what the agent does. `permit` answers requests for leave.
function editor(events, permit) {
  return client({ name: 'interop' })
    .onRequest(methods.client.session.requestPermission, (context) => {
      events.push('asked');
      return permit(context);
    })
    .onRequest(methods.client.fs.readTextFile, ({ params }) => ({ content: `text of ${params.path} \u{1f600}` }))
    .onRequest(methods.client.fs.writeTextFile, ({ params }) => void events.push(params) ?? {})
    .onNotification(methods.client.session.update, ({ params }) => void events.push(params));
}

const allow = () => ({ outcome: { outcome: 'selected', optionId: 'allow' } });

/// Runs `work(agent, sessionId, events)` with the agent behind `command`.
async function withAgent(t, { command, args }, work, permit = allow) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const events = new Arrivals();
  const stream = ndJsonStream(Writable.toWeb(child.stdin), Readable.toWeb(child.stdout));
  const result = await editor(events, permit).connectWith(stream, async (agent) => {
    const clientCapabilities = { fs: { readTextFile: true, writeTextFile: true } };
    const params = { protocolVersion: PROTOCOL_VERSION, clientCapabilities };
    const initialized = await agent.request(methods.agent.initialize, params);
    const { sessionId } = await agent.request(methods.agent.session.new, { cwd: '/', mcpServers: [] });
    return [initialized, await work(agent, sessionId, events)];
  });
  child.stdin.end();
  assert.deepEqual(await exited, [0, null]);
  return { result, events };
}

function sameBothWays(name, work, check, permit) {
  test(name, { timeout: 30_000 }, async (t) => {
    const direct = await withAgent(t, server, work, permit);
    const gated = await withAgent(t, behindGate(server), work, permit);
    assert.deepEqual(gated, direct);
    check(gated.result[1], gated.events);
  });
}

const prompt = (agent, sessionId, text, options) =>
  agent.request(methods.agent.session.prompt, { sessionId, prompt: [{ type: 'text', text }] }, options);

sameBothWays(
  'a turn with a tool, a file read and written, and a question',
  (agent, sessionId) => prompt(agent, sessionId, 'whole'),
  (result, events) => {
    assert.equal(result.stopReason, 'end_turn');
    assert.match(JSON.stringify(events), /"optionId\\":\\"allow/);
    assert.match(events.at(-1).content, /^TEXT OF \/PROJECT\/A FILE \u{1f600}$/u);
  },
);

sameBothWays(
  'session/cancel ends a turn',
  async (agent, sessionId, events) => {
    const turn = prompt(agent, sessionId, 'wait');
    await events.reach(1);
    await agent.notify(methods.agent.session.cancel, { sessionId });
    return turn;
  },
  (result) => assert.equal(result.stopReason, 'cancelled'),
);

sameBothWays(
  '$/cancel_request names one of three requests, and that one is answered',
  async (agent, sessionId, events) => {
    const aborts = [1, 2, 3].map(() => new AbortController());
    const open = aborts.map(({ signal }) =>
      outcome(prompt(agent, sessionId, 'wait for the request', { cancellationSignal: signal })),
    );
    await events.reach(3);
    const answered = [];
    open.forEach((turn, i) => turn.then(() => answered.push(i)));
    for (const i of [1, 0, 2]) {
      aborts[i].abort();
      await open[i];
    }
    return { answers: await Promise.all(open), answered };
  },
  ({ answers, answered }) => {
    assert.deepEqual(answers, Array(3).fill({ stopReason: 'cancelled' }));
    assert.deepEqual(answered, [1, 0, 2]);
  },
);

let asked;

sameBothWays(
  'the agent takes a question back with $/cancel_request, and is answered',
  async (agent, sessionId, events) => {
    asked = deferred();
    const turn = prompt(agent, sessionId, 'ask in vain');
    await asked.promise;
    await agent.notify(methods.agent.session.cancel, { sessionId });
    return turn;
  },
  (result, events) => {
    assert.equal(result.stopReason, 'cancelled');
    assert.match(JSON.stringify(events.at(-1)), /cancelled/);
  },
  async ({ signal }) => {
    const abort = once(signal, 'abort');
    asked.resolve();
    await abort;
    return { outcome: { outcome: 'cancelled' } };
  },
);
