// A client made with the SDK 1.x that can do all a server may ask of it, and notes what it hears.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import * as types from '@modelcontextprotocol/sdk/types.js';

import { Arrivals } from './support.mjs';

const kHeard = [
  types.LoggingMessageNotificationSchema,
  types.ResourceUpdatedNotificationSchema,
  types.ToolListChangedNotificationSchema,
  types.TaskStatusNotificationSchema,
  types.ElicitationCompleteNotificationSchema,
];

export class ClientV1 extends Client {
  errors = [];
  heard = new Arrivals();

  static async connect(t, command) {
    const capabilities = { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } };
    const client = new this({ name: 'interop', version: '1.0.0' }, { capabilities });
    client.onerror = (error) => client.errors.push(String(error));
    client.answerQuestions();
    for (const schema of kHeard)
      client.setNotificationHandler(schema, (notification) => void client.heard.push(notification));
    // The SDK's own limit on a line is 10 MiB; a file of 5 MiB comes twice in one.
    const maxBufferSize = 64 * 1024 * 1024;
    const transport = new StdioClientTransport({ ...command, stderr: 'ignore', maxBufferSize });
    t.after(() => transport.close());
    await client.connect(transport);
    return client;
  }

  answerQuestions() {
    this.setRequestHandler(types.CreateMessageRequestSchema, ({ params }) => ({
      model: 'stub',
      role: 'assistant',
      content: { type: 'text', text: `sampled: ${params.messages[0].content.text}` },
    }));
    this.setRequestHandler(types.ElicitRequestSchema, async (request, { signal }) => {
      if (request.params.message === 'never') {
        await this.whenAskedInVain?.(signal);
        return { action: 'cancel' };
      }
      if (request.params.mode === 'url') return { action: 'accept' };
      return { action: 'accept', content: { name: `Ada \u{1f600}, ${request.params.message}` } };
    });
    this.setRequestHandler(types.ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///r', name: 'r' }] }));
  }

  call(name, args = {}, options = undefined) {
    return this.callTool({ name, arguments: args }, undefined, options);
  }
}
