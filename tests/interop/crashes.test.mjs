// A session outlives the crashes of its server: what was in flight fails, all else goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PromptListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

import { ClientV1 } from './client_v1.mjs';
import { Arrivals, behindGate, deferred, needsNode, outcome, ownServer, server, textOf } from './support.mjs';
import { serverOf } from './server_process.mjs';

const kCrashes = 5; // as many as there may be in a minute
const limit = { timeout: 60_000 };
const lost = /^-31003: .*Server was killed by signal SIGKILL/;

const kill = (client) => process.kill(serverOf(client.transport.pid), 'SIGKILL');

/// A call that never ends, as far as its first progress.
async function begin(call) {
  const begun = deferred();
  const result = outcome(call({ onprogress: (progress) => begun.resolve(progress) }));
  return { result, progress: await begun.promise };
}

test('a session of the SDK 1.x outlives five crashes of server-everything', limit, async (t) => {
  const everything = server('@modelcontextprotocol/server-everything', 'stdio');
  const client = await ClientV1.connect(t, behindGate(everything));
  const restarts = new Arrivals();
  client.setNotificationHandler(PromptListChangedNotificationSchema, () => void restarts.push('restart'));
  const long = (options) =>
    client.call('trigger-long-running-operation', { duration: 600, steps: 6000 }, options);
  for (let crash = 1; crash <= kCrashes; ++crash) {
    assert.match(textOf(await client.call('echo', { message: `before ${crash}` })), new RegExp(`before ${crash}$`));
    if (crash % 2 === 1) {
      const calls = await Promise.all([begin(long), begin(long)]);
      kill(client);
      for (const { result, progress } of calls) {
        assert.equal(progress.progress, 1);
        assert.match(await result, lost);
      }
    } else {
      kill(client);
      await restarts.reach(crash); // till then a call may reach the one that is dead
    }
    assert.match(textOf(await client.call('echo', { message: `after ${crash}` })), new RegExp(`after ${crash}$`));
    assert.equal(restarts.length, crash);
  }
  const last = await begin(long); // progress still comes
  assert.equal(last.progress.progress, 1);
  assert.deepEqual(client.errors, []);
  await client.close();
});

test('a client of the SDK 2.x outlives five crashes of its server', { ...limit, skip: needsNode(20) }, async (t) => {
  const { ClientV2 } = await import('./client_v2.mjs');
  const client = await ClientV2.connect(t, behindGate(ownServer('servers/sdk-v2.mjs')), 'auto');
  assert.equal(client.getProtocolEra(), 'modern');
  let heard = 0;
  for (let crash = 1; crash <= kCrashes; ++crash) {
    assert.equal(textOf(await client.call('echo', { message: `before ${crash}` })), `before ${crash}`);
    const listen = await client.listen({ toolsListChanged: true });
    if (crash % 2 === 1) {
      const stuck = ['a', 'b'].map((name) => outcome(client.call('stuck', { name })));
      await client.heard.reach((heard += 2)); // that they are stuck
      kill(client);
      for (const result of stuck) assert.match(await result, lost);
    } else {
      kill(client);
    }
    await listen.closed; // it is told
    assert.equal(textOf(await client.call('echo', { message: `after ${crash}` })), `after ${crash}`);
    const again = await client.listen({ toolsListChanged: true });
    await client.call('flip');
    await client.heard.reach((heard += 1));
    assert.equal(client.heard.at(-1).method, 'notifications/tools/list_changed');
    await again.close();
  }
  await client.close();
});
