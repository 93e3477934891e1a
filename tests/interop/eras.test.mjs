// Clients and servers of the two official TypeScript SDKs, each with the other, through the gate.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { behindGate, needsNode, outcome, ownServer, textOf } from './support.mjs';

const options = { timeout: 30_000, skip: needsNode(20) };
const { ClientV1 } = await import('./client_v1.mjs');
const { ClientV2 } = options.skip ? {} : await import('./client_v2.mjs');
const v1 = ownServer('servers/sdk-v1.mjs');
const v2 = ownServer('servers/sdk-v2.mjs');

/// What both eras have, and what the servers have in common.
async function see(client) {
  const steps = [];
  const onprogress = (progress) => {
    steps.push(progress);
    if (steps.length === 3) client.call('release');
  };
  await client.call('echo', { message: '' }); // takes token 0, which is no token to the SDK
  const gathered = Array.from({ length: 50 }, (_, n) => client.call('gather', { n, of: 50 }));
  return {
    gathered: await Promise.all(gathered), // first: it changes the tools
    server: [client.getServerVersion(), client.getServerCapabilities()],
    negotiated: client.getNegotiatedProtocolVersion?.(),
    tools: await client.listTools(),
    asked: await client.call('ask', { times: 3 }),
    countdown: await client.call('countdown', { n: 3 }, { onprogress }),
    steps,
    unknown: await outcome(client.call('no-such-tool')),
    resource: await client.readResource({ uri: 'note://two' }),
    discovered: client.discover && (await outcome(client.discover())),
    ping: await outcome(client.ping()),
  };
}

const pairs = [
  ['client 1.x, server 2.x', v2, (t, command) => ClientV1.connect(t, command)],
  ['client 2.x of the older era, server 1.x', v1, (t, command) => ClientV2.connect(t, command, 'legacy')],
  ['client 2.x that finds out, server 1.x', v1, (t, command) => ClientV2.connect(t, command, 'auto')],
  ['client 2.x of the older era, server 2.x', v2, (t, command) => ClientV2.connect(t, command, 'legacy')],
];

for (const [name, server, connect] of pairs) {
  test(name, options, async (t) => {
    const seen = [];
    for (const command of [server, behindGate(server)]) {
      const client = await connect(t, command);
      seen.push({ ...(await see(client)), heard: client.heard, errors: client.errors });
      await client.close();
    }
    const [direct, gated] = seen;
    assert.deepEqual(gated, direct);
    assert.deepEqual(gated.errors, []);
    assert.ok([undefined, '2025-11-25'].includes(gated.negotiated));
    assert.match(JSON.stringify(gated.asked), /sampled: .*file:\/\/\/r/);
    gated.gathered.forEach((result, n) => assert.equal(textOf(result), `gathered ${n}`));
    assert.deepEqual(gated.steps.map(({ progress }) => progress), [1, 2, 3]);
  });
}

test('a client that speaks 2026-07-28 alone is told that the server does not', options, async (t) => {
  const connect = (command) => outcome(ClientV2.connect(t, command, { pin: '2026-07-28' }));
  const direct = await connect(v1);
  assert.match(direct, /ERA_NEGOTIATION_FAILED/);
  assert.equal(await connect(behindGate(v1)), direct);
});
