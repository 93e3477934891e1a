// A server made with the SDK 1.x, revisions up to 2025-11-25.
import {
  InMemoryTaskMessageQueue,
  InMemoryTaskStore,
} from '@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js';
import { completable } from '@modelcontextprotocol/sdk/server/completable.js';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  CreateMessageResultSchema,
  ElicitResultSchema,
  ListRootsResultSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod/v4';

const text = (...lines) => ({ content: lines.map((line) => ({ type: 'text', text: line })) });
const held = [];
const cancelled = [];
const subscribed = new Set();

const form = { type: 'object', properties: { name: { type: 'string' } } };
const questions = {
  sample: (about) => [
    {
      method: 'sampling/createMessage',
      params: { messages: [{ role: 'user', content: { type: 'text', text: about } }], maxTokens: 10 },
    },
    CreateMessageResultSchema,
  ],
  roots: () => [{ method: 'roots/list' }, ListRootsResultSchema],
  elicit: (message) => [
    {
      method: 'elicitation/create',
      params: { mode: 'form', message, requestedSchema: form },
    },
    ElicitResultSchema,
  ],
};

function addTools(server) {
  server.registerTool('echo', { inputSchema: { message: z.string() } }, ({ message }) => text(message));
  // All kinds of questions at once, each several times, while the call is open.
  server.registerTool('ask', { inputSchema: { times: z.number() } }, async ({ times }, { sendRequest }) => {
    const asked = [];
    for (let i = 0; i < times; ++i) {
      asked.push(sendRequest(...questions.sample(`sample ${i}`)));
      asked.push(sendRequest(...questions.roots()));
      asked.push(sendRequest(...questions.elicit(`name ${i}?`)));
    }
    return text(...(await Promise.all(asked)).map((answer) => JSON.stringify(answer)));
  });
  // A question it takes back before the client has answered; then another.
  server.registerTool('ask-and-cancel', {}, async ({ sendRequest }) => {
    const abort = new AbortController();
    const asked = sendRequest(...questions.elicit('never'), { signal: abort.signal }).catch(String);
    held.push(() => abort.abort('not needed'));
    const outcome = await asked;
    return text(outcome, JSON.stringify(await sendRequest(...questions.elicit('again?'))));
  });
  // Asks the user to go to an address and says when that is done.
  server.registerTool('sign-in', {}, async () => {
    const elicitationId = 'an elicitation';
    const params = { mode: 'url', message: 'Sign in', elicitationId, url: 'https://example.com/?a=1&b="2"' };
    const { action } = await server.server.elicitInput(params);
    await server.server.createElicitationCompletionNotifier(elicitationId)();
    return text(action);
  });
  const weight = { outputSchema: { grams: z.number(), of: z.object({ name: z.string() }) } };
  server.registerTool('weigh', weight, () => ({ ...text('heavy'), structuredContent: { grams: 1e21, of: { name: '' } } }));
  server.registerTool('countdown', { inputSchema: { n: z.number() } }, async ({ n }, { _meta, sendNotification }) => {
    for (let progress = 1; progress <= n; ++progress) {
      const params = { progressToken: _meta.progressToken, progress, total: n, message: `step ${progress}` };
      await sendNotification({ method: 'notifications/progress', params });
      await server.sendLoggingMessage({ level: progress % 2 ? 'debug' : 'error', data: `logged ${progress}` });
    }
    // The client's SDK loses progress that comes together with the answer.
    return new Promise((resolve) => held.push(() => resolve(text('done'))));
  });
  server.registerTool('release', {}, () => {
    for (const go of held.splice(0)) go();
    return text('released');
  });
  server.registerTool('stuck', { inputSchema: { name: z.string() } }, async ({ name }, { signal }) => {
    await server.sendLoggingMessage({ level: 'error', data: `stuck ${name}` });
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        cancelled.push(name);
        resolve(text('too late'));
      });
    });
  });
  server.registerTool('cancelled', {}, () => text(...cancelled));
  // Answers when `of` calls are there, the last one first: all were in flight at once.
  server.registerTool('gather', { inputSchema: { n: z.number(), of: z.number() } }, ({ n, of }) => {
    const answered = new Promise((resolve) => held.push(() => resolve(text(`gathered ${n}`))));
    if (held.length === of) for (const go of held.splice(0).reverse()) go();
    return answered;
  });
}

function addResources(server) {
  const read = async (url) => ({ contents: [{ uri: url.href, text: `text of ${url.href}` }] });
  server.registerResource('one', 'note://one', { mimeType: 'text/plain' }, read);
  const name = (begin) => ['one', 'other', 'two'].filter((all) => all.startsWith(begin));
  const template = new ResourceTemplate('note://{name}', { list: undefined, complete: { name } });
  server.registerResource('any', template, {}, read);
  server.server.setRequestHandler(SubscribeRequestSchema, ({ params }) => void subscribed.add(params.uri) || {});
  server.server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => void subscribed.delete(params.uri) || {});
  server.registerTool('touch', { inputSchema: { uri: z.string() } }, async ({ uri }) => {
    if (subscribed.has(uri)) await server.server.sendResourceUpdated({ uri });
    return text('touched');
  });
  const city = completable(z.string(), (begin) => ['Ulm', 'Unna', 'Bonn'].filter((all) => all.startsWith(begin)));
  server.registerPrompt('weather', { argsSchema: { city } }, (args) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Weather in ${args.city}?` } }],
  }));
  const extra = server.registerTool('extra', {}, () => text('extra'));
  extra.disable();
  server.registerTool('flip', {}, () => {
    extra.update({ enabled: !extra.enabled });
    return text('flipped');
  });
}

/// Calls that become tasks: one asks something on its way, one goes on until it is cancelled.
function addTasks(server) {
  const handlersOf = (work) => ({
    async createTask({ name }, extra) {
      const task = await extra.taskStore.createTask({ ttl: 60_000, pollInterval: 10 });
      work(name, task.taskId, extra);
      return { task };
    },
    getTask: (args, { taskId, taskStore }) => taskStore.getTask(taskId),
    getTaskResult: (args, { taskId, taskStore }) => taskStore.getTaskResult(taskId),
  });
  const config = { inputSchema: { name: z.string() }, execution: { taskSupport: 'required' } };
  const asking = async (name, taskId, { taskStore, sendRequest }) => {
    await taskStore.updateTaskStatus(taskId, 'input_required', 'asking');
    const answer = await sendRequest(...questions.elicit(`task of ${name}?`), { relatedTask: { taskId } });
    await taskStore.updateTaskStatus(taskId, 'working', 'answered');
    await taskStore.storeTaskResult(taskId, 'completed', text(`${name}: ${JSON.stringify(answer)}`));
  };
  server.experimental.tasks.registerToolTask('asking-task', config, handlersOf(asking));
  server.experimental.tasks.registerToolTask('endless-task', config, handlersOf(() => {}));
}

const tasks = { list: {}, cancel: {}, requests: { tools: { call: {} } } };
const server = new McpServer(
  { name: 'sdk-v1', version: '1.0.0' },
  {
    capabilities: { logging: {}, tools: { listChanged: true }, resources: { subscribe: true }, tasks },
    taskStore: new InMemoryTaskStore(),
    taskMessageQueue: new InMemoryTaskMessageQueue(),
  },
);
addTools(server);
addResources(server);
addTasks(server);
await server.connect(new StdioServerTransport());
