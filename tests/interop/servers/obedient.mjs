// A server that does with a request what its method says, and tells of all else it is sent.
import { createInterface } from 'node:readline';

const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

const obey = {
  silent() {},
  answer: (id) => say({ id, result: {} }),
  long: (id) => say({ id, result: { text: 'x'.repeat(4096) } }),
  flood(id) {
    for (let i = 0; i < 257; ++i) say({ id: i, method: 'roots/list' });
    say({ id, result: {} });
  },
  notANumber: (id) => process.stdout.write(`{"jsonrpc":"2.0","id":${id},"result":{"x":NaN}}\n`),
  exit() {
    // Its last words are no UTF-8 and no plain text.
    process.stderr.write(Buffer.from('a "\\ \x00\x1b[31m\xff\xfe\n', 'latin1'), () => process.exit(3));
  },
  kill: () => process.kill(process.pid, 'SIGKILL'),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method } = JSON.parse(line);
  if (id !== undefined && method) obey[method](id);
  else say({ method: 'notifications/message', params: { level: 'info', data: line } });
}
