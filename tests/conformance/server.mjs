// A server that passes the official conformance suite, on version 2 of the official TypeScript
// SDK: sessions for the eras with a handshake, nothing kept for the one without.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import {
  localhostHostValidation,
  localhostOriginValidation,
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
  toWebRequest,
} from '@modelcontextprotocol/node';
import { createMcpHandler, isInitializeRequest, isLegacyRequest, McpServer } from '@modelcontextprotocol/server';

import { Events } from './events.mjs';
import { addPrompts } from './prompts.mjs';
import { addResources } from './resources.mjs';
import { addQuestions, states } from './rounds.mjs';
import { addTools } from './tools.mjs';

const capabilities = {
  completions: {},
  logging: {},
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  tools: { listChanged: true },
};

function made() {
  const options = { capabilities, requestState: { verify: states.verify } };
  const server = new McpServer({ name: 'conformance', version: '0.1.0' }, options);
  addTools(server, handler);
  addQuestions(server);
  addResources(server);
  addPrompts(server);
  return server;
}

const handler = createMcpHandler(made, { legacy: 'reject' });
const modern = toNodeHandler(handler);
const sessions = new Map();

async function session(request, body) {
  const known = request.headers['mcp-session-id'];
  if (known !== undefined || !isInitializeRequest(body)) return sessions.get(known);
  const transport = new NodeStreamableHTTPServerTransport({
    eventStore: new Events(),
    retryInterval: 200,
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: (id) => sessions.set(id, transport),
    onsessionclosed: (id) => sessions.delete(id),
  });
  await made().connect(transport);
  return transport;
}

function refuse(response, status, message) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32000, message } }));
}

async function legacy(request, response, body) {
  const transport = await session(request, body);
  if (transport) return transport.handleRequest(request, response, body);
  const lost = request.headers['mcp-session-id'] !== undefined;
  return refuse(response, lost ? 404 : 400, lost ? 'No such session' : 'A session id is needed');
}

async function parsed(request) {
  if (request.method !== 'POST') return undefined;
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

const checks = [localhostHostValidation(), localhostOriginValidation()];

const listener = createServer(async (request, response) => {
  if (!checks.every((check) => check(request, response))) return;
  try {
    const body = await parsed(request);
    const isLegacy = await isLegacyRequest(await toWebRequest(request, body), body);
    await (isLegacy ? legacy : modern)(request, response, body);
  } catch (error) {
    if (!response.headersSent) refuse(response, 400, String(error?.message ?? error));
  }
});
listener.listen(0, '127.0.0.1', () =>
  console.error(`listening on http://127.0.0.1:${listener.address().port}/mcp`),
);
