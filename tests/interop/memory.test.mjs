// The official memory server through the gate, by the SDK's client and by the inspector.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { ClientV1 } from './client_v1.mjs';
import { behindGate, gate, outcome, server } from './support.mjs';

const limit = { timeout: 60_000 };
const memory = server('@modelcontextprotocol/server-memory');

let directory;
before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'stdiogate-memory-'));
});
after(() => rm(directory, { recursive: true }));

const entities = Array.from({ length: 30 }, (_, n) => ({
  name: `entity ${n} \u{1f600}`,
  entityType: 'thing',
  observations: [`it is "number" ${n}`, 'x'.repeat(10_000)],
}));
const from = entities[0].name;
const relations = entities.slice(1).map(({ name }) => ({ from, to: name, relationType: 'knows' }));
const queries = ['gate', '"number" 7', 'nothing'];

/// A life of a memory: what the client sees and what is left in the file.
async function live(t, command, file) {
  const client = await ClientV1.connect(t, command);
  const seen = {
    tools: await client.listTools(),
    created: await client.call('create_entities', { entities }),
    related: await client.call('create_relations', { relations }),
    observed: await client.call('add_observations', {
      observations: [{ entityName: entities[1].name, contents: ['seen through a gate'] }],
    }),
    found: await Promise.all(queries.map((query) => client.call('search_nodes', { query }))),
    opened: await client.call('open_nodes', { names: [entities[0].name, entities[1].name] }),
    deleted: await client.call('delete_entities', { entityNames: [entities[2].name] }),
    wrong: await outcome(client.call('create_entities', { entities: 5 })),
    graph: await client.call('read_graph'),
  };
  await client.close();
  return { ...seen, errors: client.errors, file: await readFile(file, 'utf8') };
}

test('server-memory remembers the same with and without the gate', limit, async (t) => {
  const seen = [];
  for (const [name, wrapped] of [['direct', (command) => command], ['gated', behindGate]]) {
    const file = path.join(directory, name);
    seen.push(await live(t, wrapped({ ...memory, env: { MEMORY_FILE_PATH: file } }), file));
  }
  const [direct, gated] = seen;
  assert.deepEqual(gated, direct);
  assert.deepEqual(gated.errors, []);
  assert.match(gated.found[0].content[0].text, /seen through a gate/);
  assert.equal(gated.file.trim().split('\n').length, 29 + 28);
});

const inspector = server('@modelcontextprotocol/inspector-cli');
const methods = [
  ['tools/list'],
  ['tools/call', '--tool-name', 'search_nodes', '--tool-arg', 'query=nothing'],
  ['tools/call', '--tool-name', 'read_graph'],
];

test('the inspector prints the same with and without the gate', limit, async () => {
  // It looks for its own package.json from here.
  const options = { cwd: path.dirname(inspector.args[0]), timeout: 20_000 };
  const inspect = async (command, method) => {
    const args = [...inspector.args, '--cli', ...command, '--method', ...method];
    return (await promisify(execFile)(inspector.command, args, options)).stdout;
  };
  const env = ['env', `MEMORY_FILE_PATH=${path.join(directory, 'inspected')}`];
  const command = [...env, memory.command, ...memory.args];
  for (const method of methods) {
    const printed = await inspect(command, method);
    assert.ok(printed.length > 20);
    assert.equal(await inspect([gate, ...command], method), printed);
  }
});
