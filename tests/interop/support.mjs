// What all tests here need: how to start a server, directly or behind the gate, and to talk to it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

export const gate = process.env.STDIOGATE ?? 'stdiogate';

/// Why a test has to be skipped: this Node.js is older than what it needs; false if it is not.
export function needsNode(major) {
  return Number(process.versions.node.split('.')[0]) < major && `needs Node.js ${major}`;
}

/// The script behind a package's command, to be run by this Node.js: no npx, no network.
export function server(packageName, ...args) {
  const manifest = require.resolve(`${packageName}/package.json`);
  const { bin } = require(manifest);
  const script = typeof bin === 'string' ? bin : Object.values(bin)[0];
  return { command: process.execPath, args: [path.join(path.dirname(manifest), script), ...args] };
}

/// One of our own servers, by its file.
export function ownServer(file, ...args) {
  return { command: process.execPath, args: [fileURLToPath(new URL(file, import.meta.url)), ...args] };
}

export function behindGate({ command, args, ...rest }, ...options) {
  return { command: gate, args: [...options, '--', command, ...args], ...rest };
}

/// A promise and the function that fulfils it.
export function deferred() {
  let resolve;
  const promise = new Promise((r) => {
    resolve = r;
  });
  return { promise, resolve };
}

/// What has come, and a way to wait until there is more.
export class Arrivals extends Array {
  static [Symbol.species] = Array; // of what map() gives
  #wake;

  push(...what) {
    const length = super.push(...what);
    this.#wake?.();
    return length;
  }

  async reach(count) {
    while (this.length < count)
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
  }
}

/// What a promise comes to, errors too, in a form that can be compared.
export const outcome = (promise) => promise.catch((error) => `${error.code}: ${error}`);

export const textOf = (result) => result.content[0].text;

/// Of three calls that are stuck the second is cancelled, and then the others.
export async function cancelOne(client) {
  const aborts = ['a', 'b', 'c'].map(() => new AbortController());
  const stuck = (name, i) => outcome(client.call('stuck', { name }, { signal: aborts[i].signal }));
  const calls = ['a', 'b', 'c'].map(stuck);
  await client.heard.reach(3);
  aborts[1].abort('enough');
  const rejected = await calls[1];
  const first = await client.call('cancelled');
  aborts[0].abort();
  aborts[2].abort();
  await Promise.all(calls);
  return { rejected, first, all: await client.call('cancelled') };
}

export function checkCancelled({ rejected, first, all }) {
  assert.match(rejected, /enough/);
  assert.deepEqual(first.content.map(({ text }) => text), ['b']);
  assert.deepEqual(all.content.map(({ text }) => text), ['b', 'a', 'c']);
}

/// A copy in which what differs from run to run is told by its kind.
export function comparable(value) {
  const json = JSON.stringify(value)
    .replace(/"taskId":"[^"]+"/g, '"taskId":"a task"')
    .replace(/"[0-9-]{10}T[0-9:.]+Z"/g, '"a time"');
  return JSON.parse(json);
}

/// A client of nothing but lines.
export class LineClient {
  /// It is dead when the test `t` is over.
  constructor(t, { command, args }, stderr = 'ignore') {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', stderr] });
    t.after(() => this.child.kill('SIGKILL'));
    this.exited = once(this.child, 'exit');
    this.child.stdin.on('error', () => {}); // the other side may end first
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  send(...lines) {
    for (const line of lines) {
      this.child.stdin.write(Buffer.isBuffer(line) || typeof line === 'string' ? line : JSON.stringify(line));
      this.child.stdin.write('\n');
    }
  }

  /// The next line; undefined at the end.
  async line() {
    return (await this.lines.next()).value;
  }

  /// Closes its side and waits for the other: fulfilled with the exit status and signal.
  async end() {
    this.child.stdin.end();
    return this.exited;
  }
}
