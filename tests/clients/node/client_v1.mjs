// A client on version 1 of the official TypeScript SDK: handshake only.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

import { answerQuestions, capabilities, headers, plan, walk } from './steps.mjs';

const transport = plan.url
  ? new StreamableHTTPClientTransport(new URL(plan.url), { requestInit: { headers: headers() } })
  : new StdioClientTransport({ command: plan.command[0], args: plan.command.slice(1) });
// What was negotiated is told to the transport alone, where it wants to know.
let version;
const told = transport.setProtocolVersion?.bind(transport);
transport.setProtocolVersion = (given) => {
  version = given;
  told?.(given);
};
const client = new Client({ name: 'typescript-1', version: '0.1.0' }, { capabilities });
const schemas = {
  'elicitation/create': ElicitRequestSchema,
  'roots/list': ListRootsRequestSchema,
  'sampling/createMessage': CreateMessageRequestSchema,
};
answerQuestions((method, answer) => client.setRequestHandler(schemas[method], answer));
const callTool = (params, options) => client.callTool(params, undefined, options);
await walk({ client, callTool, version: () => version }, transport);
