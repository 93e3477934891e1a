// An agent made with the Agent Client Protocol's SDK: a turn does what the prompt says.
import { Readable, Writable } from 'node:stream';

import { agent, methods, ndJsonStream, PROTOCOL_VERSION } from '@agentclientprotocol/sdk';

const cancelled = new Map(); // what to call when a session is cancelled
const permission = {
  toolCall: { toolCallId: 'call', title: 'Change a file \u{1f600}', kind: 'edit', status: 'pending' },
  options: [
    { kind: 'allow_once', name: 'Allow', optionId: 'allow' },
    { kind: 'reject_once', name: 'Reject', optionId: 'reject' },
  ],
};

const turns = {
  /// Speaks, uses a tool, reads and writes a file, asks for leave.
  async whole({ sessionId, client, say }) {
    await say('Let me see.');
    const update = { sessionUpdate: 'tool_call', toolCallId: 'call', title: 'Read', status: 'pending' };
    await client.notify(methods.client.session.update, { sessionId, update });
    const file = { sessionId, path: '/project/a file' };
    const read = await client.request(methods.client.fs.readTextFile, file);
    const leave = await client.request(methods.client.session.requestPermission, { sessionId, ...permission });
    await say(JSON.stringify(leave.outcome));
    await client.request(methods.client.fs.writeTextFile, { ...file, content: read.content.toUpperCase() });
    return { stopReason: 'end_turn' };
  },
  /// Until session/cancel comes.
  async wait({ sessionId, say }) {
    const stopped = new Promise((resolve) => cancelled.set(sessionId, resolve));
    await say('waiting');
    await stopped;
    return { stopReason: 'cancelled' };
  },
  /// Ends the process in the turn.
  async crash() {
    process.exit(7);
  },
  /// Until $/cancel_request comes for this very request, which is answered all the same.
  async ['wait for the request']({ signal, say }) {
    const stopped = new Promise((resolve) => signal.addEventListener('abort', resolve));
    await say('waiting');
    await stopped;
    return { stopReason: 'cancelled' };
  },
  /// Takes its question back with $/cancel_request when the session is cancelled.
  async ['ask in vain']({ sessionId, client, say }) {
    const abort = new AbortController();
    cancelled.set(sessionId, () => abort.abort());
    const options = { cancellationSignal: abort.signal };
    const asked = client.request(methods.client.session.requestPermission, { sessionId, ...permission }, options);
    await say(JSON.stringify(await asked.catch((error) => error.code)));
    return { stopReason: 'cancelled' };
  },
};

let sessions = 0;
const connection = agent({ name: 'acp-agent' })
  .onRequest(methods.agent.initialize, () => ({ protocolVersion: PROTOCOL_VERSION, agentCapabilities: { loadSession: true } }))
  .onRequest(methods.agent.session.load, () => ({}))
  .onRequest(methods.agent.session.new, () => ({ sessionId: `session ${++sessions}` }))
  .onRequest(methods.agent.session.prompt, ({ params, client, signal }) => {
    const { sessionId, prompt } = params;
    const chunk = (text) => ({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });
    const say = (text) => client.notify(methods.client.session.update, { sessionId, update: chunk(text) });
    return turns[prompt[0].text]({ sessionId, client, signal, say });
  })
  .onNotification(methods.agent.session.cancel, ({ params }) => cancelled.get(params.sessionId)())
  .connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin)));
await connection.closed;
