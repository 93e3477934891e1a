// The server's side of a script: server.mjs SCRIPT RECORD
import { readFileSync, writeFileSync } from 'node:fs';

import { play } from './peer.mjs';
import { Random } from './random.mjs';

const [scriptFile, record] = process.argv.slice(2);
const { lines, expected, seed } = JSON.parse(readFileSync(scriptFile, 'utf8'));
const bytes = await play({
  lines,
  expected,
  random: new Random(seed),
  input: process.stdin,
  output: process.stdout,
  done: () => {},
});
writeFileSync(record, bytes);
