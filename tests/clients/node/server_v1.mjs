// A server on version 1 of the official TypeScript SDK: handshake only, stdio only.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

import { addTools, watch } from './seen.mjs';

const server = addTools(new McpServer({ name: 'typescript-1', version: '0.1.0' }), z);
await server.connect(watch(new StdioServerTransport()));
