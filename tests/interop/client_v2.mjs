// A client made with the SDK 2.x that can do all a server may ask of it, and notes what it hears.
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { Arrivals } from './support.mjs';

export class ClientV2 extends Client {
  errors = [];
  heard = new Arrivals();

  /// `mode`: how to negotiate, 'legacy' or 'auto'. `more`: options of the SDK's.
  static async connect(t, command, mode, more = {}) {
    const capabilities = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
    const options = { capabilities, versionNegotiation: { mode }, ...more };
    const client = new ClientV2({ name: 'interop', version: '1.0.0' }, options);
    client.onerror = (error) => client.errors.push(String(error));
    client.answerQuestions();
    for (const method of ['tools/list_changed', 'resources/list_changed', 'resources/updated', 'message'])
      client.setNotificationHandler(`notifications/${method}`, (heard) => void client.heard.push(heard));
    const transport = new StdioClientTransport({ stderr: 'ignore', ...command });
    t.after(() => transport.close());
    await client.connect(transport);
    return client;
  }

  answerQuestions() {
    this.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name: 'Ada \u{1f600}' } }));
    this.setRequestHandler('sampling/createMessage', ({ params }) => ({
      model: 'stub',
      role: 'assistant',
      content: { type: 'text', text: `sampled: ${params.messages[0].content.text}` },
    }));
    this.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///r', name: 'r' }] }));
  }

  call(name, args = {}, options = undefined) {
    return this.callTool({ name, arguments: args }, options);
  }
}
