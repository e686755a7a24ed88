// A client on version 2 of the official TypeScript SDK: both eras, `era` says which.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { answerQuestions, capabilities, headers, plan, walk } from './steps.mjs';

const negotiation = {
  default: {},
  auto: { versionNegotiation: { mode: 'auto' } },
};
const options = negotiation[plan.era] ?? { versionNegotiation: { mode: { pin: plan.era } } };
const transport = plan.url
  ? new StreamableHTTPClientTransport(new URL(plan.url), { requestInit: { headers: headers() } })
  : new StdioClientTransport({ command: plan.command[0], args: plan.command.slice(1) });
const client = new Client({ name: 'typescript-2', version: '0.1.0' }, { ...options, capabilities });
answerQuestions((method, answer) => client.setRequestHandler(method, answer));
const callTool = (params, options) => client.callTool(params, options);
await walk({ client, callTool, version: () => client.getNegotiatedProtocolVersion() }, transport);
