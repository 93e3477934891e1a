// Whatever the gate says itself is valid by MCP's schema: each error is provoked and checked.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { checks, revisions } from './schemas.mjs';
import { behindGate, gate, LineClient, ownServer } from './support.mjs';

const limit = { timeout: 30_000 };
const obedient = ownServer('servers/obedient.mjs');
const request = (id, method) => ({ jsonrpc: '2.0', id, method });
const seen = new Set(); // codes

/// Before 2025-11-25 MCP's schema had no error without an id, though JSON-RPC has to have one.
const hasErrorWithoutId = (revision) => revision >= '2025-11-25';

/// An error of the gate's own, parsed; checked by the schemas of all revisions.
function checkedError(line) {
  const message = JSON.parse(line);
  assert.equal(message.error?.data?.from, 'stdiogate', line);
  for (const revision of revisions) {
    const complaints = checks[revision].error(message).map(({ keyword, params }) => ({ keyword, params }));
    const isComplete = 'id' in message || hasErrorWithoutId(revision);
    const expected = isComplete ? [] : [{ keyword: 'required', params: { missingProperty: 'id' } }];
    assert.deepEqual(complaints, expected, `${revision}: ${line}`);
  }
  seen.add(message.error.code);
  return message;
}

function checkedCancel(line) {
  const message = JSON.parse(line);
  for (const revision of revisions) assert.deepEqual(checks[revision].cancelled(message), [], line);
  return message;
}

/// The next line has to be an error of this code.
async function expectError(client, code, id) {
  const message = checkedError(await client.line());
  assert.equal(message.error.code, code, message.error.message);
  assert.deepEqual(message.id, id);
  return message.error;
}

test('the schemas refuse what is not valid', () => {
  const valid = { jsonrpc: '2.0', id: 1, error: { code: -1, message: 'm', data: {} } };
  const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
  for (const revision of revisions) {
    const { error, cancelled } = checks[revision];
    assert.deepEqual(error(valid), []);
    const code = { error: { code: '1', message: '' } };
    for (const change of [{ id: null }, { id: 1.5 }, { jsonrpc: '1.0' }, { error: {} }, code])
      assert.notDeepEqual(error({ ...valid, ...change }), [], JSON.stringify(change));
    assert.deepEqual(cancelled(cancel), []);
    assert.notDeepEqual(cancelled({ ...cancel, params: { requestId: [1] } }), []);
    assert.notDeepEqual(cancelled({ ...cancel, params: { requestId: 1, reason: 1 } }), []);
  }
});

test('limit', limit, async (t) => {
  const client = new LineClient(t, behindGate(obedient, '--max-in-flight', '1'));
  client.send(request(1, 'silent'), request('two', 'silent'));
  await expectError(client, -31001, 'two');
});

test('limit on the requests of the server', limit, async (t) => {
  const client = new LineClient(t, behindGate(obedient));
  client.send(request(1, 'flood'));
  for (let i = 0; i < 256; ++i) assert.equal(JSON.parse(await client.line()).method, 'roots/list');
  assert.deepEqual(JSON.parse(await client.line()).result, {});
  // The server tells what it was told.
  const message = checkedError(JSON.parse(await client.line()).params.data);
  assert.deepEqual([message.error.code, message.id], [-31001, 256]);
});

test('queue timeout', limit, async (t) => {
  const options = ['--max-in-flight', '1', '--queue', '1', '--queue-timeout', '50ms'];
  const client = new LineClient(t, behindGate(obedient, ...options));
  client.send(request(1, 'silent'), request(2, 'silent'), request(3, 'silent'));
  await expectError(client, -31001, 3);
  await expectError(client, -31006, 2);
});

test('cancelled while it waits', limit, async (t) => {
  const client = new LineClient(t, behindGate(obedient, '--max-in-flight', '1', '--queue', '1'));
  client.send(request(1, 'silent'), request(2, 'silent'));
  client.send({ jsonrpc: '2.0', method: '$/cancel_request', params: { requestId: 2 } });
  await expectError(client, -32800, 2);
});

test('timeout, and the cancel for the server', limit, async (t) => {
  const client = new LineClient(t, behindGate(obedient, '--timeout', '50ms'));
  client.send(request('a "quoted" \u{1f600} id', 'silent'));
  await expectError(client, -31002, 'a "quoted" \u{1f600} id');
  const { params } = JSON.parse(await client.line());
  const cancel = checkedCancel(params.data);
  assert.ok(Number.isSafeInteger(cancel.params.requestId));
  assert.equal(typeof cancel.params.reason, 'string');
});

test('server exited', limit, async (t) => {
  const client = new LineClient(t, behindGate(obedient));
  client.send(request(1, 'exit'));
  const { data } = await expectError(client, -31003, 1);
  assert.equal(data.status, 3);
  assert.match(data.stderr, /^a "\\/);
});

test('server killed', limit, async (t) => {
  const client = new LineClient(t, behindGate(obedient));
  client.send(request(1, 'kill'));
  const { data } = await expectError(client, -31003, 1);
  assert.equal(data.signal, 'SIGKILL');
});

test('shutting down', limit, async (t) => {
  const client = new LineClient(t, behindGate(obedient));
  client.send(request(0, 'answer'), request(1, 'silent'));
  await client.line();
  client.child.kill('SIGTERM');
  await expectError(client, -31004, 1);
});

test('an answer that is not valid', limit, async (t) => {
  const client = new LineClient(t, behindGate(obedient));
  client.send(request('a', 'notANumber'));
  await expectError(client, -31008, 'a');
});

test('line too long, in both directions', limit, async (t) => {
  const client = new LineClient(t, behindGate(obedient, '--max-line', '1K'));
  client.send(request(1, 'long'));
  await expectError(client, -31005, 1);
  client.send(`{"jsonrpc":"2.0","id":2,"method":"${'x'.repeat(1024)}"}`);
  await expectError(client, -32600, 2);
});

test('server not started', limit, async (t) => {
  for (const command of ['/nowhere/"server"\t\u{1f600}', '/dev/null', '/']) {
    const client = new LineClient(t, behindGate({ command, args: [] }));
    client.send(request(1, 'answer'));
    await expectError(client, -31007, 1);
  }
});

const invalid = [
  [-32700, '{'],
  [-32700, 'no JSON "\\ \u0007'],
  [-32600, Buffer.from([0x22, 0xff, 0x22])],
  [-32700, '{"jsonrpc":"2.0","id":1,"method":"answer","params":{"x":01}}', 1],
  [-32700, '['.repeat(1025) + ']'.repeat(1025)],
  [-32600, '5'],
  [-32600, '[]'],
  [-32600, '{"id":1,"method":"answer"}', 1],
  [-32600, '{"jsonrpc":"2.0"}'],
  [-32600, '{"jsonrpc":"2.0","id":"x"}', 'x'],
  [-32600, '{"jsonrpc":"2.0","result":{}}'],
  [-32600, '{"jsonrpc":"2.0","id":1,"method":5}', 1],
  [-32600, '{"jsonrpc":"2.0","id":1,"method":"answer","params":"x"}', 1],
  [-32600, '{"jsonrpc":"2.0","id":[1],"method":"answer"}'],
  [-32600, '{"jsonrpc":"2.0","id":true,"method":"answer"}'],
  [-32600, '{"jsonrpc":"2.0","id":1,"id":2,"method":"answer"}'],
  [-32600, '{"jsonrpc":"2.0","id":1,"method":"answer","\\u006dethod":"answer"}', 1],
  [-32600, `{"jsonrpc":"2.0","id":"${'x'.repeat(1024)}","method":"answer"}`],
];

test('invalid lines', limit, async (t) => {
  const client = new LineClient(t, behindGate(obedient));
  for (const [code, line, id] of invalid) {
    client.send(line);
    await expectError(client, code, id);
  }
});

test('errors within a batch', limit, async (t) => {
  const client = new LineClient(t, behindGate(obedient, '--max-in-flight', '1', '--timeout', '50ms'));
  client.send(`[${JSON.stringify(request(1, 'silent'))},${JSON.stringify(request(2, 'silent'))},5,[],{}]`);
  const errors = JSON.parse(await client.line()).map((error) => checkedError(JSON.stringify(error)));
  assert.deepEqual(
    errors.map(({ id, error }) => [id, error.code]),
    [[2, -31001], [undefined, -32600], [undefined, -32600], [undefined, -32600], [1, -31002]],
  );
});

test('each error the gate knows has been provoked', () => {
  const help = execFileSync(gate, ['--help', 'errors'], { encoding: 'utf8' });
  const codes = [...help.matchAll(/^ +(-3[0-9]{4}) [a-z-]+ /gm)].map(([, code]) => Number(code));
  assert.ok(codes.length > 7);
  assert.deepEqual([...seen].sort(), [...codes, -32700].sort());
});
