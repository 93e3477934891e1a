// The official TypeScript SDK 2.x through the gate, MCP 2026-07-28: what the client sees must be what
// it sees without.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as z from 'zod/v4';

import { behindGate, cancelOne, checkCancelled, deferred, needsNode, outcome, ownServer, textOf } from './support.mjs';

const options = { timeout: 30_000, skip: needsNode(20) };
const { ClientV2 } = options.skip ? {} : await import('./client_v2.mjs');
const server = ownServer('servers/sdk-v2.mjs');

/// A test of one client, connected directly and through the gate: what `see` returns must be equal,
/// and is handed to `check`.
function sameBothWays(name, see, check, { gateOptions = [], clientOptions = {} } = {}) {
  test(name, options, async (t) => {
    const seen = [];
    for (const command of [server, behindGate(server, ...gateOptions)]) {
      const client = await ClientV2.connect(t, command, 'auto', clientOptions);
      assert.equal(client.getProtocolEra(), 'modern');
      seen.push({ ...(await see(client)), heard: client.heard, errors: client.errors });
      await client.close();
    }
    const [direct, gated] = seen;
    assert.deepEqual(gated, direct);
    assert.deepEqual(gated.errors, []);
    check(gated);
  });
}

sameBothWays(
  'all features look the same with and without the gate',
  async (client) => ({
    discovered: [client.getDiscoverResult(), await client.discover()],
    server: [client.getServerVersion(), client.getServerCapabilities(), client.getInstructions()],
    tools: await client.listTools(),
    echo: await client.call('echo', { message: '\u{1f600} "quoted"\n' }),
    meta: await client.call('meta'),
    fail: await client.call('fail'),
    unknown: await outcome(client.call('no-such-tool')),
    wrong: await outcome(client.call('echo', { message: 5 })),
    resources: await client.listResources(),
    templates: await client.listResourceTemplates(),
    resource: await client.readResource({ uri: 'note://two' }),
    prompts: await client.listPrompts(),
    prompt: await client.getPrompt({ name: 'weather', arguments: { city: 'Ulm' } }),
    completion: await client.complete({
      ref: { type: 'ref/prompt', name: 'weather' },
      argument: { name: 'city', value: 'U' },
    }),
  }),
  ({ discovered, meta, completion }) => {
    assert.deepEqual(discovered[1].supportedVersions, ['2026-07-28']);
    assert.match(textOf(meta), /"io.modelcontextprotocol\/protocolVersion":"2026-07-28"/);
    assert.match(textOf(meta), /"name":"interop"/);
    assert.deepEqual(completion.completion.values, ['Ulm', 'Unna']);
  },
);

sameBothWays(
  'input-required results: the call is asked again with what was missing',
  async (client) => ({ answers: await Promise.all([client.call('ask'), client.call('ask')]) }),
  ({ answers }) => {
    for (const { content } of answers) {
      assert.equal(content[0].text, 'Ada \u{1f600}');
      assert.match(content[1].text, /sampled: a gate.*file:\/\/\/r/);
      assert.equal(content[2].text, 'state \u{1f600} "1"');
    }
  },
);

sameBothWays(
  'input-required results, answered by hand: the state comes back as it was',
  async (client) => {
    const params = { name: 'ask', arguments: {} };
    const options = { allowInputRequired: true };
    const asked = await client.request({ method: 'tools/call', params }, options);
    const inputResponses = {
      name: { action: 'accept', content: { name: 'Bob' } },
      sample: { model: 'm', role: 'assistant', content: { type: 'text', text: 'by hand' } },
      roots: { roots: [] },
    };
    const again = { ...params, inputResponses, requestState: asked.requestState };
    return { asked, result: await client.request({ method: 'tools/call', params: again }, options) };
  },
  ({ asked, result }) => {
    assert.equal(asked.resultType, 'input_required');
    assert.deepEqual(Object.keys(asked.inputRequests), ['name', 'sample', 'roots']);
    assert.deepEqual([result.content[0].text, result.content[2].text], ['Bob', 'state \u{1f600} "1"']);
  },
  { clientOptions: { inputRequired: { autoFulfill: false } } },
);

sameBothWays(
  'an address to sign in at; methods of their own',
  async (client) => {
    const search = { method: 'acme/search', params: { query: 'gate' } };
    client.setNotificationHandler('acme/searching', { params: z.object({ stage: z.string() }) }, (params) => {
      client.heard.push(params);
    });
    return {
      signedIn: await client.call('sign-in'),
      found: await client.request(search, z.object({ items: z.array(z.string()) })),
    };
  },
  ({ signedIn, found, heard }) => {
    assert.equal(textOf(signedIn), 'accept');
    assert.deepEqual(found.items, ['gate', 'GATE']);
    assert.deepEqual([...heard], [{ stage: 'begun' }]);
  },
);

let changed;

sameBothWays(
  'a listen that the SDK opens by itself',
  async (client) => {
    changed = deferred();
    const filter = client.autoOpenedSubscription.honoredFilter;
    await client.call('flip');
    return { filter, tools: (await changed.promise).map(({ name }) => name) };
  },
  ({ filter, tools }) => {
    assert.deepEqual(filter, { toolsListChanged: true });
    assert.ok(tools.includes('extra'));
  },
  {
    clientOptions: {
      listChanged: { tools: { debounceMs: 0, onChanged: (error, tools) => changed.resolve(tools) } },
    },
  },
);

sameBothWays(
  'progress and log messages come during a call',
  async (client) => {
    const steps = [];
    const onprogress = (progress) => {
      steps.push(progress);
      if (steps.length === 5) client.call('release');
    };
    // The first call's token is 0, which the client's SDK takes for none before it has sent it.
    await client.call('echo', { message: '' });
    return { result: await client.call('countdown', { n: 5 }, { onprogress }), steps };
  },
  ({ steps, heard }) => {
    assert.deepEqual(steps.map(({ progress }) => progress), [1, 2, 3, 4, 5]);
    assert.deepEqual(heard.map(({ params }) => params.data), [1, 2, 3, 4, 5].map((n) => `logged ${n}`));
  },
);

sameBothWays('a cancel reaches the server and nobody else', cancelOne, checkCancelled);

sameBothWays(
  '200 calls in flight at once, and a change is heard meanwhile',
  async (client) => {
    const listen = await client.listen({ toolsListChanged: true });
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    const order = [];
    const calls = numbers.map((n) => client.call('gather', { n, of: 200 }));
    calls.forEach((call, n) => call.then(() => order.push(n)));
    const results = await Promise.all(calls);
    await client.heard.reach(1);
    await listen.close();
    return { filter: listen.honoredFilter, results, order, end: await listen.closed };
  },
  ({ results, order, heard, end }) => {
    results.forEach((result, n) => assert.equal(textOf(result), `gathered ${n}`));
    assert.ok(order.indexOf(0) > order.indexOf(198), 'the last is answered first');
    assert.equal(heard[0].params._meta['io.modelcontextprotocol/subscriptionId'], 'listen:0');
    assert.equal(end, 'local');
  },
  { gateOptions: ['--max-in-flight', '200'] },
);

sameBothWays(
  'two listens: each hears what it asked for, one is closed, the other goes on',
  async (client) => {
    const uri = 'note://one';
    const tools = await client.listen({ toolsListChanged: true });
    const both = await client.listen({ toolsListChanged: true, resourceSubscriptions: [uri] });
    await client.call('flip');
    await client.call('touch', { uri });
    await client.call('touch', { uri: 'note://other' });
    await client.heard.reach(3);
    await tools.close();
    await client.call('flip');
    await client.call('touch', { uri });
    await client.heard.reach(5);
    await both.close();
    await client.call('flip');
    return { ends: [await tools.closed, await both.closed], last: await client.listTools() };
  },
  ({ heard, ends }) => {
    const ids = heard.map(({ params }) => params._meta['io.modelcontextprotocol/subscriptionId']);
    assert.deepEqual(ids, ['listen:0', 'listen:1', 'listen:1', 'listen:1', 'listen:1']);
    assert.deepEqual(ends, ['local', 'local']);
  },
);

sameBothWays(
  'a listen ends by the cancel of the server, another by its result',
  async (client) => {
    const first = await client.listen({ toolsListChanged: true });
    const second = await client.listen({ resourcesListChanged: true });
    await client.call('end-listen');
    const ends = [await first.closed];
    await client.call('stop');
    ends.push(await second.closed);
    return { ends };
  },
  ({ ends }) => assert.deepEqual(ends, ['remote', 'graceful']),
);

test('a listen outlives the timeout of other requests', options, async (t) => {
  const client = await ClientV2.connect(t, behindGate(server, '--timeout-for', 'tools/call:stuck=100ms'), 'auto');
  const listen = await client.listen({ toolsListChanged: true });
  assert.match(await outcome(client.call('stuck', { name: 'x' })), /-31002: .*timed out after 100ms/);
  assert.deepEqual((await client.call('cancelled')).content, [{ type: 'text', text: 'x' }]);
  await client.call('flip');
  await client.heard.reach(1);
  await listen.close();
  assert.equal(await listen.closed, 'local');
  await client.close();
});
