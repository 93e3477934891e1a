// A server made with the SDK 2.x: serves 2026-07-28 and, to clients of the other era, 2025-11-25.
import {
  acceptedContent,
  completable,
  inputRequired,
  inputResponse,
  McpServer,
  ResourceTemplate,
} from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod/v4';

const text = (...lines) => ({ content: lines.map((line) => ({ type: 'text', text: line })) });
const formOf = (name) => ({ type: 'object', properties: { [name]: { type: 'string' } }, required: [name] });

const transport = new StdioServerTransport();
const held = [];
const cancelled = [];
const listens = []; // their ids

function addTools(server) {
  server.registerTool('echo', { inputSchema: z.object({ message: z.string() }) }, ({ message }) => text(message));
  server.registerTool('meta', {}, ({ mcpReq }) => text(JSON.stringify([mcpReq._meta, mcpReq.envelope])));
  server.registerTool('stuck', { inputSchema: z.object({ name: z.string() }) }, async ({ name }, { mcpReq }) => {
    await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data: `stuck ${name}` } });
    return new Promise((resolve) => {
      mcpReq.signal.addEventListener('abort', () => {
        cancelled.push(name);
        resolve(text('too late'));
      });
    });
  });
  server.registerTool('cancelled', {}, () => text(...cancelled));
  server.registerTool('countdown', { inputSchema: z.object({ n: z.number() }) }, async ({ n }, { mcpReq }) => {
    for (let progress = 1; progress <= n; ++progress) {
      const params = { progressToken: mcpReq._meta.progressToken, progress, total: n, message: `step ${progress}` };
      await mcpReq.notify({ method: 'notifications/progress', params });
      await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data: `logged ${progress}` } });
    }
    // The client's SDK loses progress that comes together with the answer.
    return new Promise((resolve) => held.push(() => resolve(text('done'))));
  });
  server.registerTool('release', {}, () => {
    for (const go of held.splice(0)) go();
    return text('released');
  });
  server.registerTool('fail', {}, () => {
    throw new Error('it failed \u{1f600}');
  });
}

/// What needs an answer of the client's: by input-required results in 2026-07-28.
function addQuestions(server) {
  server.registerTool('ask', {}, ({ mcpReq }) => {
    const { inputResponses } = mcpReq;
    const name = acceptedContent(inputResponses, 'name', z.object({ name: z.string() }));
    if (!name) {
      const inputRequests = {
        name: inputRequired.elicit({ message: 'Your name?', requestedSchema: formOf('name') }),
        sample: inputRequired.createMessage({
          messages: [{ role: 'user', content: { type: 'text', text: 'a gate' } }],
          maxTokens: 10,
        }),
        roots: inputRequired.listRoots(),
      };
      return inputRequired({ inputRequests, requestState: 'state \u{1f600} "1"' });
    }
    const others = [inputResponse(inputResponses, 'sample'), inputResponse(inputResponses, 'roots')];
    return text(name.name, JSON.stringify(others), String(mcpReq.requestState()));
  });
  server.registerTool('sign-in', {}, ({ mcpReq }) => {
    const { inputResponses } = mcpReq;
    if (inputResponses?.auth) return text(inputResponses.auth.action);
    const auth = inputRequired.elicitUrl({ message: 'Sign in', url: 'https://example.com/?a=1&b="2"' });
    return inputRequired({ inputRequests: { auth } });
  });
}

function addChanges(server, handle) {
  const extra = server.registerTool('extra', {}, () => text('extra'));
  extra.disable();
  const flip = () => extra.update({ enabled: !extra.enabled });
  server.registerTool('flip', {}, () => {
    flip();
    return text('flipped');
  });
  // Answers when `of` calls are there, the last one first, after a change: all were in flight at once.
  const gatherInput = z.object({ n: z.number(), of: z.number() });
  server.registerTool('gather', { inputSchema: gatherInput }, ({ n, of }) => {
    const answered = new Promise((resolve) => held.push(() => resolve(text(`gathered ${n}`))));
    if (held.length === of) {
      flip();
      for (const go of held.splice(0).reverse()) go();
    }
    return answered;
  });
  server.registerTool('touch', { inputSchema: z.object({ uri: z.string() }) }, async ({ uri }) => {
    await server.server.sendResourceUpdated({ uri });
    return text('touched');
  });
  // The SDK can only end all of them: it is made to believe that the client has cancelled.
  server.registerTool('end-listen', {}, async () => {
    const params = { requestId: listens.shift(), reason: 'enough' };
    const end = { jsonrpc: '2.0', method: 'notifications/cancelled', params };
    deliver(end);
    await transport.send(end);
    return text('ended');
  });
  server.registerTool('stop', {}, () => {
    setImmediate(() => handle().close());
    return text('stopping');
  });
}

function addRest(server) {
  // A method of nobody's but our own, and notifications of such.
  const search = { params: z.object({ query: z.string() }), result: z.object({ items: z.array(z.string()) }) };
  server.server.setRequestHandler('acme/search', search, async ({ query }, { mcpReq }) => {
    await mcpReq.notify({ method: 'acme/searching', params: { stage: 'begun' } });
    return { items: [query, query.toUpperCase()] };
  });
  const uri = 'note://one';
  const read = async (url) => ({ contents: [{ uri: url.href, text: `text of ${url.href}` }] });
  server.registerResource('one', uri, { mimeType: 'text/plain' }, read);
  server.registerResource('any', new ResourceTemplate('note://{name}', { list: undefined }), {}, read);
  const city = completable(z.string(), (begin) => ['Ulm', 'Unna', 'Bonn'].filter((name) => name.startsWith(begin)));
  server.registerPrompt('weather', { argsSchema: z.object({ city }) }, (args) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Weather in ${args.city}?` } }],
  }));
}

const handle = serveStdio(
  () => {
    const resources = { subscribe: true, listChanged: true };
    const capabilities = { tools: { listChanged: true }, resources, logging: {} };
    const server = new McpServer({ name: 'sdk-v2', version: '1.0.0' }, { capabilities, instructions: 'Ask.' });
    addTools(server);
    addQuestions(server);
    addChanges(server, () => handle);
    addRest(server);
    return server;
  },
  { transport },
);

const deliver = transport.onmessage;
transport.onmessage = (message) => {
  if (message.method === 'subscriptions/listen') listens.push(message.id);
  deliver(message);
};
