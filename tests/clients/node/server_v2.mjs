// A server on version 2 of the official TypeScript SDK: both eras, stdio and HTTP.
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

import { addTools, port, watch } from './seen.mjs';

const made = () => addTools(new McpServer({ name: 'typescript-2', version: '0.1.0' }), z);
if (process.argv.includes('--http')) {
  port(createServer(toNodeHandler(createMcpHandler(made))));
} else {
  serveStdio(made, { transport: watch(new StdioServerTransport()) });
}
