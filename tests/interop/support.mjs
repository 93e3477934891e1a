// What all tests here need: how to start a server, directly or behind the gate.
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);

export const gate = process.env.STDIOGATE ?? 'stdiogate';

/// The script behind a package's command, to be run by this Node.js: no npx, no network.
export function server(packageName, ...args) {
  const manifest = require.resolve(`${packageName}/package.json`);
  const { bin } = require(manifest);
  const script = typeof bin === 'string' ? bin : Object.values(bin)[0];
  return { command: process.execPath, args: [path.join(path.dirname(manifest), script), ...args] };
}

export function behindGate({ command, args }, ...options) {
  return { command: gate, args: [...options, '--', command, ...args] };
}

/// A promise and the function that fulfils it.
export function deferred() {
  let resolve;
  const promise = new Promise((r) => {
    resolve = r;
  });
  return { promise, resolve };
}
