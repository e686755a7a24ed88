// The tools that the suite calls, by the names it knows; what they say is their own.
import { fromJsonSchema } from '@modelcontextprotocol/server';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';

import { embedded, picture, sound, text } from './media.mjs';

const PAUSE_MS = 50;

function addAnswers(tool) {
  tool('test_simple_text', 'Answers with text', () => text('Plain words.'));
  tool('test_image_content', 'Answers with a picture', () => ({ content: [{ type: 'image', ...picture }] }));
  tool('test_audio_content', 'Answers with a sound', () => ({ content: [{ type: 'audio', ...sound }] }));
  tool('test_embedded_resource', 'Answers with a resource', () => ({
    content: [embedded('test://embedded', 'text/plain', 'Words in a resource.')],
  }));
  tool('test_multiple_content_types', 'Answers with one of each', () => ({
    content: [
      { type: 'text', text: 'One of each:' },
      { type: 'image', ...picture },
      embedded('test://mixed', 'application/json', '{"one":"of each"}'),
    ],
  }));
  tool('test_error_handling', 'Fails', () => {
    throw new Error('This one always fails.');
  });
}

function addReports(tool) {
  tool('test_tool_with_logging', 'Logs while it works', async (context) => {
    for (const said of ['begun', 'half way', 'done']) {
      await context.mcpReq.log('info', said);
      await pause(PAUSE_MS);
    }
    return text('Logged.');
  });
  tool('test_logging_tool', 'Logs once', async (context) => {
    await context.mcpReq.log('info', 'once');
    return text('Logged once.');
  });
  tool('test_tool_with_progress', 'Tells how far it is', async (context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      const params = { progressToken, progress, total: 100 };
      if (progressToken !== undefined) {
        await context.mcpReq.notify({ method: 'notifications/progress', params });
      }
      await pause(PAUSE_MS);
    }
    return text('All the way.');
  });
  tool('test_reconnection', 'Closes its stream before it answers', async (context) => {
    context.http?.closeSSE?.();
    await pause(2 * PAUSE_MS);
    return text('Still here.');
  });
}

function addChanges(tool, handler) {
  tool('test_trigger_tool_change', 'Says that the tools changed', () => {
    handler.notify.toolsChanged();
    return text('Said.');
  });
  tool('test_trigger_prompt_change', 'Says that the prompts changed', () => {
    handler.notify.promptsChanged();
    return text('Said.');
  });
}

// Every keyword that a schema of 2020-12 may hold and a reader of schemas may lose.
const wide = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { city: { type: 'string' }, street: { type: 'string' } },
    },
  },
  properties: {
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    email: { type: 'string' },
    name: { type: 'string' },
    phone: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

const mirrored = {
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' }, count: { type: 'integer' } },
  required: ['region'],
};

export function addTools(server, handler) {
  const tool = (name, description, act) => server.registerTool(name, { description }, async (context) => act(context));
  addAnswers(tool);
  addReports(tool);
  addChanges(tool, handler);
  const schemas = [
    ['json_schema_2020_12_tool', 'Has a wide schema', wide],
    ['test_mirrored_argument', 'Has an argument that headers mirror', mirrored],
  ];
  for (const [name, description, schema] of schemas) {
    server.registerTool(name, { description, inputSchema: fromJsonSchema(schema) }, async (given) =>
      text(JSON.stringify(given)),
    );
  }
  addAsking(server);
}

function addAsking(server) {
  const ask = (name, description, field, act) =>
    server.registerTool(
      name,
      { description, inputSchema: z.object({ [field]: z.string() }) },
      async (given, context) => text(JSON.stringify(await act(given[field], context.mcpReq))),
    );
  ask('test_sampling', 'Has the model of the client speak', 'prompt', (prompt, request) =>
    request.requestSampling({
      messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
      maxTokens: 100,
    }),
  );
  ask('test_elicitation', 'Asks the person at the client', 'message', (message, request) =>
    request.elicitInput({ message, requestedSchema: form({ username: {}, email: {} }, ['username', 'email']) }),
  );
  const fill = (name, description, requestedSchema) =>
    server.registerTool(name, { description }, async (context) =>
      text(JSON.stringify(await context.mcpReq.elicitInput({ message: 'Please fill in', requestedSchema }))),
    );
  fill('test_elicitation_sep1034_defaults', 'Asks with defaults', defaults);
  fill('test_elicitation_sep1330_enums', 'Asks with choices', choices);
}

function form(properties, required) {
  const typed = Object.entries(properties).map(([name, schema]) => [name, { type: 'string', ...schema }]);
  return { type: 'object', properties: Object.fromEntries(typed), ...(required ? { required } : {}) };
}

const defaults = form({
  name: { default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', default: true },
});

const titled = [
  { const: 'value1', title: 'One' },
  { const: 'value2', title: 'Two' },
  { const: 'value3', title: 'Three' },
];

const choices = form({
  untitledSingle: { enum: ['option1', 'option2', 'option3'] },
  titledSingle: { oneOf: titled },
  legacyEnum: { enum: ['opt1', 'opt2', 'opt3'], enumNames: ['One', 'Two', 'Three'] },
  untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
  titledMulti: { type: 'array', items: { anyOf: titled } },
});
