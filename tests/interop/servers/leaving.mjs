// Notes in a file why it ends, after a moment: leaving.mjs FILE. Its one request that is answered is
// initialize.
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const leave = (why) => setTimeout(() => writeFileSync(process.argv[2], why) ?? process.exit(0), 200);
process.on('SIGINT', () => leave('SIGINT'));
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    const { protocolVersion } = params ?? {};
    const result = { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'leaving', version: '1' } };
    if (method === 'initialize') console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
    if (method === 'tools/call') console.log(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }));
  })
  .on('close', () => leave('end of input'));
