// MCP's schema of each revision, from the SDK that was made for it, as functions of ajv's.
import Ajv from 'ajv';
import { toJSONSchema } from 'zod/v4';
import { zodToJsonSchema } from 'zod-to-json-schema';

const ajv = new Ajv({ strict: false });

// What the types strip is allowed, what they refuse is not.
const ofZod3 = (schema) => zodToJsonSchema(schema, { removeAdditionalStrategy: 'strict' });
const ofZod4 = (schema) => toJSONSchema(schema, { target: 'draft-7', io: 'input' });

const sources = {
  '2024-11-05': ['mcp-2024-11-05/types.js', ofZod3],
  '2025-03-26': ['mcp-2025-03-26/types.js', ofZod3],
  '2025-06-18': ['mcp-2025-06-18/types.js', ofZod3],
  '2025-11-25': ['@modelcontextprotocol/sdk/types.js', ofZod4],
  '2026-07-28': ['@modelcontextprotocol/core', ofZod4],
};

/// For a revision: checks of an error response and of notifications/cancelled. Each gives the
/// complaints about a parsed message.
async function checksOf(revision) {
  const [module, converted] = sources[revision];
  const types = await import(module);
  const latest = types.LATEST_PROTOCOL_VERSION ?? revision;
  if (latest !== revision) throw new Error(`${module} is of ${latest}, not of ${revision}`);
  const check = (...schemas) => {
    const validators = schemas.map((schema) => ajv.compile(converted(schema)));
    return (message) => validators.flatMap((validate) => (validate(message) ? [] : validate.errors));
  };
  return {
    error: check(types.JSONRPCErrorResponseSchema ?? types.JSONRPCErrorSchema),
    cancelled: check(types.CancelledNotificationSchema, types.JSONRPCNotificationSchema),
  };
}

export const revisions = Object.keys(sources);
export const checks = Object.fromEntries(
  await Promise.all(revisions.map(async (revision) => [revision, await checksOf(revision)])),
);
