// What the servers write down: every message their own parser made, every tool they ran.
import { appendFileSync } from 'node:fs';

const at = process.argv.indexOf('--log');
const path = at < 0 ? undefined : process.argv[at + 1];

export function write(facts) {
  if (path) appendFileSync(path, JSON.stringify(facts) + '\n');
}

// Notes what a transport hands to the SDK, whoever sets its callbacks and whenever.
export function watch(transport) {
  for (const [name, note] of [
    ['onmessage', (message) => write({ seen: message })],
    ['onerror', (error) => write({ broken: String(error?.message ?? error) })],
  ]) {
    let callback;
    Object.defineProperty(transport, name, {
      get: () => callback && ((value, extra) => (note(value), callback(value, extra))),
      set: (given) => (callback = given),
    });
  }
  return transport;
}

export function port(server) {
  server.listen(0, '127.0.0.1', () =>
    console.error(`listening on http://127.0.0.1:${server.address().port}/mcp`),
  );
}

// The same three tools on every server of the suite.
export function addTools(server, z) {
  server.registerTool(
    'echo',
    { description: 'Says the message back', inputSchema: z.object({ message: z.string() }) },
    async ({ message }) => {
      write({ ran: 'echo', arguments: { message } });
      return { content: [{ type: 'text', text: `Echo: ${message}` }] };
    },
  );
  server.registerTool(
    'get-sum',
    {
      description: 'Adds two numbers',
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      outputSchema: z.object({ sum: z.number() }),
    },
    async ({ a, b }) => {
      write({ ran: 'get-sum', arguments: { a, b } });
      const structuredContent = { sum: a + b };
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    },
  );
  server.registerTool(
    'danger',
    { description: 'Does what no policy of the suite allows', inputSchema: z.object({}) },
    async () => {
      write({ ran: 'danger', arguments: {} });
      return { content: [{ type: 'text', text: 'done' }] };
    },
  );
  return server;
}
