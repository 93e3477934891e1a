// The official TypeScript SDK 1.x through the gate, feature by feature, MCP up to 2025-11-25.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { ClientV1 } from './client_v1.mjs';
import { behindGate, cancelOne, checkCancelled, comparable, deferred, outcome, ownServer, textOf } from './support.mjs';

const server = ownServer('servers/sdk-v1.mjs');

/// A test of one client, connected directly and through the gate: what `see` returns must be equal,
/// and is handed to `check`.
function sameBothWays(name, see, check, gateOptions = []) {
  test(name, { timeout: 30_000 }, async (t) => {
    const seen = [];
    for (const command of [server, behindGate(server, ...gateOptions)]) {
      const client = await ClientV1.connect(t, command);
      seen.push({ ...(await see(client)), heard: client.heard, errors: client.errors });
      await client.close();
    }
    const [direct, gated] = seen.map(comparable);
    assert.deepEqual(gated, direct);
    assert.deepEqual(gated.errors, []);
    check(gated);
  });
}

sameBothWays(
  'all lists and texts look the same with and without the gate',
  async (client) => ({
    server: [client.getServerVersion(), client.getServerCapabilities()],
    tools: await client.listTools(),
    echo: await client.call('echo', { message: '\u{1f600} "quoted"\n' }),
    unknown: await outcome(client.call('no-such-tool')),
    method: await outcome(client.request({ method: 'no/such/method' }, {})),
    resources: await client.listResources(),
    templates: await client.listResourceTemplates(),
    resource: await client.readResource({ uri: 'note://two' }),
    prompts: await client.listPrompts(),
    prompt: await client.getPrompt({ name: 'weather', arguments: { city: 'Ulm' } }),
    ping: await client.ping(),
  }),
  ({ echo, method }) => {
    assert.equal(textOf(echo), '\u{1f600} "quoted"\n');
    assert.match(method, /-32601/);
  },
);

sameBothWays(
  'sampling, roots and elicitation are asked during a call, many at once',
  async (client) => ({ answers: await Promise.all([1, 2].map(() => client.call('ask', { times: 20 }))) }),
  ({ answers }) => {
    for (const { content } of answers) {
      const texts = content.map(({ text }) => text);
      assert.equal(texts.length, 60);
      for (let i = 0; i < 20; ++i) {
        assert.match(texts[3 * i], new RegExp(`sampled: sample ${i}"`));
        assert.match(texts[3 * i + 1], /file:\/\/\/r/);
        assert.match(texts[3 * i + 2], new RegExp(`name ${i}\\?"`));
      }
    }
  },
);

sameBothWays(
  'the server takes a question back',
  async (client) => {
    const takenBack = deferred();
    client.whenAskedInVain = async (signal) => {
      const abort = once(signal, 'abort');
      client.call('release');
      await abort;
      takenBack.resolve(String(signal.reason));
    };
    // The server's first request has id 0, and the SDK ignores a cancel of 0.
    await client.call('ask', { times: 1 });
    return { result: await client.call('ask-and-cancel'), reason: await takenBack.promise };
  },
  ({ result, reason }) => {
    assert.match(reason, /not needed/);
    assert.match(result.content[0].text, /not needed/);
    assert.match(result.content[1].text, /again\?/);
  },
);

sameBothWays(
  'an address to sign in at, and results with structure',
  async (client) => {
    await client.listTools(); // tells the client what structure a result has
    return { signedIn: await client.call('sign-in'), weighed: await client.call('weigh') };
  },
  ({ signedIn, weighed, heard }) => {
    assert.equal(textOf(signedIn), 'accept');
    assert.deepEqual(weighed.structuredContent, { grams: 1e21, of: { name: '' } });
    assert.deepEqual(heard.map(({ params }) => params), [{ elicitationId: 'an elicitation' }]);
  },
);

sameBothWays(
  'completion of prompts and of resources',
  async (client) => ({
    cities: await client.complete({
      ref: { type: 'ref/prompt', name: 'weather' },
      argument: { name: 'city', value: 'U' },
    }),
    names: await client.complete({
      ref: { type: 'ref/resource', uri: 'note://{name}' },
      argument: { name: 'name', value: 'o' },
    }),
  }),
  ({ cities, names }) => {
    assert.deepEqual(cities.completion.values, ['Ulm', 'Unna']);
    assert.deepEqual(names.completion.values, ['one', 'other']);
  },
);

sameBothWays(
  'progress, and log messages of the level asked for',
  async (client) => {
    const steps = [];
    await client.setLoggingLevel('error');
    const onprogress = (progress) => {
      steps.push(progress);
      if (steps.length === 5) client.call('release');
    };
    return { result: await client.call('countdown', { n: 5 }, { onprogress }), steps };
  },
  ({ steps, heard }) => {
    assert.deepEqual(steps.map(({ progress }) => progress), [1, 2, 3, 4, 5]);
    assert.deepEqual(heard.map(({ params }) => params.data), ['logged 2', 'logged 4']);
  },
);

sameBothWays('a cancel reaches the server and nobody else', cancelOne, checkCancelled);

sameBothWays(
  'changes of resources that are subscribed, and of the tools',
  async (client) => {
    const uri = 'note://one';
    await client.subscribeResource({ uri });
    await client.call('touch', { uri });
    await client.call('touch', { uri: 'note://other' });
    await client.call('flip');
    await client.heard.reach(2);
    await client.unsubscribeResource({ uri });
    await client.call('touch', { uri });
    await client.call('flip');
    await client.heard.reach(3);
    return { tools: await client.listTools() };
  },
  ({ heard }) => {
    const changed = 'notifications/tools/list_changed';
    assert.deepEqual(heard.map(({ method }) => method), ['notifications/resources/updated', changed, changed]);
  },
);

sameBothWays(
  'tasks: one asks on its way, one is cancelled',
  async (client) => {
    const { tasks } = client.experimental;
    await client.listTools(); // tells the client which tools are tasks
    const kinds = new Set();
    let result;
    for await (const message of tasks.callToolStream({ name: 'asking-task', arguments: { name: 'one' } })) {
      kinds.add(message.type);
      result = message;
    }
    const stream = tasks.callToolStream({ name: 'endless-task', arguments: { name: 'two' } });
    const { value: created } = await stream.next();
    const { taskId } = created.task;
    const running = await tasks.getTask(taskId);
    const cancelled = await tasks.cancelTask(taskId);
    return { kinds: [...kinds], result, created, running, cancelled, all: await tasks.listTasks() };
  },
  ({ kinds, result, running, cancelled, all, heard }) => {
    assert.ok(kinds.includes('taskCreated'));
    assert.equal(result.type, 'result', JSON.stringify(result));
    assert.match(textOf(result.result), /one: .*task of one\?/);
    assert.deepEqual([running.status, cancelled.status], ['working', 'cancelled']);
    assert.equal(all.tasks.length, 2);
    assert.ok(heard.every(({ method }) => method === 'notifications/tasks/status'));
    assert.ok(heard.length > 0);
  },
);

sameBothWays(
  '200 calls in flight at once',
  async (client) => {
    const calls = Array.from({ length: 200 }, (_, n) => client.call('gather', { n, of: 200 }));
    return { results: await Promise.all(calls) };
  },
  ({ results }) => results.forEach((result, n) => assert.equal(textOf(result), `gathered ${n}`)),
  ['--max-in-flight', '200'],
);
