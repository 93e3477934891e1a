// What each revision of MCP has to say; and the protocols that share its framing.
import { text, value } from './values.mjs';

const listChanged = ['tools', 'prompts', 'resources'].map((what) => `notifications/${what}/list_changed`);

const first = {
  opening: 'initialize',
  requests: {
    client: [
      'ping', 'tools/list', 'tools/call', 'tools/call', 'tools/call', 'resources/list', 'resources/read',
      'resources/templates/list', 'resources/subscribe', 'resources/unsubscribe', 'prompts/list', 'prompts/get',
      'logging/setLevel', 'completion/complete',
    ],
    server: ['ping', 'sampling/createMessage', 'roots/list'],
  },
  notifications: {
    client: ['notifications/roots/list_changed', 'notifications/odd'],
    server: [...listChanged, 'notifications/resources/updated', 'notifications/message', 'odd'],
  },
  meta: [],
};

const elicitation = {
  ...first,
  requests: { ...first.requests, server: [...first.requests.server, 'elicitation/create', 'elicitation/create'] },
};

const tasks = ['tasks/get', 'tasks/result', 'tasks/list', 'tasks/cancel'];
const withTasks = {
  ...elicitation,
  requests: {
    client: [...elicitation.requests.client, ...tasks],
    server: [...elicitation.requests.server, ...tasks],
  },
  notifications: {
    client: [...first.notifications.client, 'notifications/tasks/status'],
    server: [...first.notifications.server, 'notifications/tasks/status', 'notifications/elicitation/complete'],
  },
  extras: () => [['"task"', '{"ttl":60000}']],
  results: (random) => [['"task"', `{"taskId":${text(random)},"status":"working","ttl":null}`]],
};

const sessionless = {
  opening: 'server/discover',
  requests: {
    client: [
      'tools/list', 'tools/call', 'tools/call', 'tools/call', 'resources/read', 'prompts/get', 'server/discover',
      'completion/complete', 'subscriptions/listen', 'subscriptions/listen', 'tasks/get', 'tasks/update',
    ],
    server: [],
  },
  notifications: { client: ['notifications/odd'], server: ['notifications/message', 'odd'] },
  heard: ['notifications/subscriptions/acknowledged', 'notifications/resources/updated', ...listChanged],
  listen: true,
  meta: [
    ['"io.modelcontextprotocol/protocolVersion"', '"2026-07-28"'],
    ['"io.modelcontextprotocol/clientInfo"', '{"name":"c","version":"1"}'],
    ['"io.modelcontextprotocol/clientCapabilities"', '{"elicitation":{}}'],
  ],
  extras: (random) => [['"inputResponses"', `{"a":${value(random)}}`], ['"requestState"', text(random)]],
  results: (random) => [
    ['"resultType"', '"input_required"'],
    ['"inputRequests"', `{"a":{"method":"elicitation/create","params":{"id":1,"message":${text(random)}}}}`],
    ['"requestState"', text(random)],
  ],
};

const acp = {
  opening: 'initialize',
  requests: {
    client: ['session/new', 'session/prompt', 'session/load', 'textDocument/hover'],
    server: ['fs/read_text_file', 'session/request_permission', 'terminal/create', 'workspace/configuration'],
  },
  notifications: { client: ['session/cancel'], server: ['session/update', 'textDocument/publishDiagnostics'] },
  meta: [],
  otherCancel: true,
};

export const revisions = {
  '2024-11-05': first,
  '2025-03-26': { ...first, batches: true },
  '2025-06-18': elicitation,
  '2025-11-25': withTasks,
  '2026-07-28': sessionless,
  'ACP and LSP': acp,
};

/// All methods a long conversation is to have.
export function methodsOf({ requests, notifications, heard = [], otherCancel }) {
  const both = ['notifications/cancelled', 'notifications/progress'];
  if (otherCancel) both.push('$/cancel_request', '$/cancelRequest');
  return [requests.client, requests.server, notifications.client, notifications.server, heard, both].flat();
}
