// The processes behind a gate, found by who has started whom.
import { readFileSync } from 'node:fs';

const childrenOf = (pid) => {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
};

/// The server that serves: gate, watcher, server.
export function serverOf(gate) {
  const watchers = childrenOf(gate);
  return childrenOf(watchers.at(-1))[0];
}
