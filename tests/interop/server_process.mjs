// The processes behind a gate, found by who has started whom.
import { readFileSync } from 'node:fs';

const childrenOf = (pid) => {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
};

/// The server that serves: gate, launcher, watcher, server.
export function serverOf(gate) {
  const [launcher] = childrenOf(gate);
  const watchers = childrenOf(launcher);
  return childrenOf(watchers.at(-1))[0];
}
