// A trace of the official SDK's client with server-everything, opened in the page: every number is
// the trace's, and what the client and the gate counted.

import assert from 'node:assert/strict';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {ErrorCode} from '../interop/node_modules/@modelcontextprotocol/sdk/dist/esm/types.js';
import {ClientV1} from '../interop/client_v1.mjs';
import {Arrivals, behindGate, server} from '../interop/support.mjs';
import {open, operations, photograph, rows, totals, unread} from './browser.mjs';
import {expected, expectedRows, expectedTotals, isShownAs} from './sample.mjs';

const everything = server('@modelcontextprotocol/server-everything', 'stdio');
const long = 'trigger-long-running-operation';

/** It notes each request of its own and what became of it, and each request of the server's. */
class CountingClient extends ClientV1 {
  asked = [];  // {method, tool, fate}; fate: '', an error's code, 'tool_error' or 'cancelled'
  answered = new Arrivals();  // the methods of the server's requests

  async request(request, ...rest) {
    const entry = {method: request.method, tool: '', fate: ''};
    if (request.method === 'tools/call') entry.tool = request.params.name;
    this.asked.push(entry);
    try {
      const result = await super.request(request, ...rest);
      if (result.isError) entry.fate = 'tool_error';
      return result;
    } catch (error) {
      const isAnswer = Number.isInteger(error.code) && error.code !== ErrorCode.RequestTimeout;
      entry.fate = isAnswer ? String(error.code) : 'cancelled';
      throw error;
    }
  }

  setRequestHandler(schema, handler) {
    super.setRequestHandler(schema, (request, ...rest) => {
      this.answered.push(request.method);
      return handler(request, ...rest);
    });
  }

  /** A call of the tool that takes long; `after` is called with its first progress. */
  stuck(after, options) {
    return this.call(long, {duration: 60, steps: 600}, {onprogress: after, ...options});
  }
}

/** Lists and texts, right and wrong ones. */
async function browse(client) {
  await client.listTools();
  await client.listPrompts();
  const {resources} = await client.listResources();
  await client.listResourceTemplates();
  await Promise.allSettled([
    client.ping(),
    client.readResource({uri: resources[0].uri}),
    client.readResource({uri: 'nonsense://1'}),
    client.getPrompt({name: 'simple-prompt'}),
    client.getPrompt({name: 'args-prompt', arguments: {city: 'Ulm'}}),
    client.getPrompt({name: 'no-such-prompt'}),
    client.request({method: 'no/such/method'}, {}),
  ]);
}

/** Calls beyond the limit: some wait, some are refused, some fail. */
async function crowd(client) {
  await Promise.allSettled(Array.from({length: 12}, (_, i) => [
    client.call('echo', {message: `message ${i} \u{1f600}`}),
    client.call('get-sum', i % 4 ? {a: i, b: 1} : {a: 'no number'}),
    client.call(long, {duration: 0.02 * (i % 5 + 1), steps: 1}),
    ...(i % 6 ? [] : [client.call('no-such-tool')]),
  ]).flat());
}

/** Calls that do not end well: cancelled, given up by the SDK, and by the gate. */
async function giveUp(client) {
  const abort = new AbortController();
  await Promise.allSettled([
    client.stuck(() => abort.abort('enough'), {signal: abort.signal}),
    client.call(long, {duration: 60, steps: 1}, {timeout: 50}),
    client.call(long, {duration: 60, steps: 1}),
  ]);
}

/** The server is killed while it works; the next call finds another one. */
async function lose(client, trace) {
  const start = readFileSync(trace, 'utf8').split('\n', 1)[0];
  const {'process.pid': pid} = JSON.parse(start);
  await client.stuck(() => process.kill(pid, 'SIGKILL')).catch(() => {});
  await client.call('echo', {message: 'again'});
}

async function tour(t, trace, metrics) {
  const client = await CountingClient.connect(t, behindGate(everything, '--trace', trace,
    '--metrics-file', metrics, '--max-in-flight', '4', '--queue', '24',
    '--timeout-for', `tools/call:${long}=1500ms`));
  await client.answered.reach(1);  // the server asks for the roots by itself
  await browse(client);
  await crowd(client);
  await client.call('trigger-sampling-request', {prompt: 'what is a gate?', maxTokens: 10});
  await client.call('trigger-elicitation-request');
  await client.call('get-roots-list');
  await giveUp(client);
  await lose(client, trace);
  await client.answered.reach(4);  // and the next server asks, too
  await client.ping();             // by then it has its answer
  await client.close();
  return client;
}

/** What became of a request, in the client's words. */
function fateOf(record) {
  const type = record['error.type'] ?? '';
  return ['', 'tool_error', 'cancelled'].includes(type) ? type : record['rpc.response.status_code'];
}

const sorted = (entries) => entries.map((entry) => JSON.stringify(entry)).sort();

/** What the gate itself has counted. */
function metric(text, name) {
  const [, value] = new RegExp(`^stdiogate_${name} (\\d+)$`, 'm').exec(text);
  return Number(value);
}

test('all numbers of a trace of the official SDK are right', {timeout: 60_000}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sdk-'));
  t.after(() => rmSync(folder, {recursive: true}));
  const [trace, metrics] = ['trace.jsonl', 'gate.prom'].map((name) => join(folder, name));
  const client = await tour(t, trace, metrics);
  const text = readFileSync(trace, 'utf8');
  const counted = readFileSync(metrics, 'utf8');
  const records = text.trimEnd().split('\n').map((line) => JSON.parse(line));
  const requests = records.filter((record) => 'stdiogate.outcome' in record);
  const page = await open({'sdk-trace.jsonl': text});

  await t.test('the load was varied', () => {
    const kinds = new Set(requests.map((record) => record['error.type']));
    for (const kind of [undefined, 'tool_error', '-32601', '-32602', 'cancelled', 'timeout',
      'limit', 'server-exited']) assert.ok(kinds.has(kind), kind);
    assert.ok(requests.some((record) => record['stdiogate.queued_s'] > 0));
    assert.ok(client.asked.length > 50);
  });

  await t.test('the trace has each request of the client, with what became of it', () => {
    const mine = requests.filter((record) => record['stdiogate.from'] === 'client');
    assert.deepEqual(sorted(mine.map((record) => [record['mcp.method.name'],
      record['gen_ai.tool.name'] ?? '', fateOf(record)])),
    sorted(client.asked.map(({method, tool, fate}) => [method, tool, fate])));
  });

  await t.test('the table of methods and tools', async () => {
    const table = await operations(page);
    assert.deepEqual(table, expected(records));
    const ofClient = table.filter(({from}) => from === 'client');
    for (const row of ofClient) {
      const same = client.asked.filter((one) => one.method === row.method && one.tool === row.tool);
      assert.equal(row.count, same.length);
      assert.equal(row.errors, same.filter(({fate}) => !['', 'cancelled'].includes(fate)).length);
    }
    assert.equal(ofClient.reduce((sum, row) => sum + row.count, 0), client.asked.length);
    assert.deepEqual(sorted(client.answered), sorted(table.filter(({from}) => from === 'server')
      .flatMap(({method, count}) => Array(count).fill(method))));
  });

  await t.test('the totals', async () => {
    const shown = await totals(page);
    const wanted = expectedTotals(records);
    assert.deepEqual(Object.keys(shown), Object.keys(wanted));
    for (const [name, value] of Object.entries(wanted)) {
      if (typeof value === 'string') assert.equal(shown[name].text, value, name);
      else assert.equal(shown[name].value, value, name);
    }
    assert.equal(shown.requests.value, client.asked.length + client.answered.length);
    assert.equal(shown['servers started'].value, metric(counted, 'starts_total'));
    assert.equal(shown['in flight at most'].value, metric(counted, 'in_flight_max'));
    assert.equal(await unread(page), 0);
  });

  await t.test('the slowest, the failed and the servers', async () => {
    const wanted = expectedRows(records);
    for (const table of ['slowest', 'failed', 'servers']) {
      const shown = await rows(page, `#${table}`);
      assert.equal(shown.length, wanted[table].length, table);
      shown.forEach((cells, i) => cells.forEach((cell, column) => {
        const value = wanted[table][i][column];
        if (typeof value === 'string') assert.equal(cell, value, table);
        else assert.ok(isShownAs(value, cell), `${table}: ${value} as ${cell}`);
      }));
    }
  });

  await t.test('each number is legible as what it is', async () => {
    const cells = await page.$$eval('[data-value]:not(#unread)', (all) =>
      all.map((cell) => [Number(cell.dataset.value), cell.innerText]));
    assert.ok(cells.length > 50);
    for (const [value, shown] of cells.filter(([, cell]) => !/^\d{4}-/.test(cell)))
      assert.ok(isShownAs(value, shown), `${value} as ${shown}`);
  });

  await photograph(page, 'sdk-light.png', 'sdk-dark.png');
  await page.close();
});
