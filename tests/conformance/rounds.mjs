// Tools that need more than one round: they ask, and the client comes back with what was asked.
import { randomBytes } from 'node:crypto';
import { acceptedContent, createRequestStateCodec, inputRequired, inputResponse } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { text } from './media.mjs';

export const states = createRequestStateCodec({ key: randomBytes(32), bind: (context) => context.mcpReq.method });

const fields = { color: z.string(), context: z.string(), name: z.string(), ok: z.boolean() };

const form = (field) => z.object({ [field]: fields[field] });

const elicit = (field) => inputRequired.elicit({ message: `What about ${field}?`, requestedSchema: form(field) });

const sample = (said) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: said } }],
    maxTokens: 50,
  });

const answer = (context, key, field) => acceptedContent(context.mcpReq.inputResponses, key, form(field))?.[field];

const isMissing = (context, key) => inputResponse(context.mcpReq.inputResponses, key).kind === 'missing';

// Asks for everything at once until all of it has come.
function until(questions, state) {
  return async (context) => {
    if (!Object.keys(questions).some((key) => isMissing(context, key))) {
      return text(`Thanks: ${JSON.stringify(context.mcpReq.inputResponses)}`);
    }
    const requestState = state && (await states.mint(state, context));
    return inputRequired({ inputRequests: questions, ...(requestState ? { requestState } : {}) });
  };
}

async function byName(context) {
  const name = answer(context, 'user_name', 'name');
  return name === undefined
    ? inputRequired({ inputRequests: { user_name: elicit('name') } })
    : text(`Good day, ${name}.`);
}

async function inTwoSteps(context) {
  const known = context.mcpReq.requestState() ?? {};
  const name = known.name ?? answer(context, 'step1', 'name');
  const color = answer(context, 'step2', 'color');
  if (name !== undefined && color !== undefined) return text(`${name} likes ${color}.`);
  const inputRequests = name === undefined ? { step1: elicit('name') } : { step2: elicit('color') };
  return inputRequired({ inputRequests, requestState: await states.mint({ name }, context) });
}

async function whatTheClientCan(context) {
  const can = context.mcpReq.envelope?.['io.modelcontextprotocol/clientCapabilities'] ?? {};
  const inputRequests = {
    ...(can.elicitation ? { person: elicit('name') } : {}),
    ...(can.sampling ? { model: sample('Anything.') } : {}),
  };
  const asked = Object.keys(inputRequests);
  const isDone = asked.length === 0 || asked.every((key) => !isMissing(context, key));
  return isDone ? text('Nothing more to ask.') : inputRequired({ inputRequests });
}

export function addQuestions(server) {
  const prefix = 'test_input_required_result_';
  const tool = (name, act) => server.registerTool(name, { description: 'Comes back for more' }, act);
  tool(`${prefix}elicitation`, byName);
  tool(`${prefix}sampling`, until({ capital_question: sample('What is the capital of France?') }));
  tool(`${prefix}list_roots`, until({ client_roots: inputRequired.listRoots() }));
  tool(`${prefix}request_state`, until({ confirm: elicit('ok') }, { asked: 'confirm' }));
  tool(`${prefix}tampered_state`, until({ confirm: elicit('ok') }, { asked: 'confirm' }));
  const all = { user_name: elicit('name'), greeting: sample('Greet.'), client_roots: inputRequired.listRoots() };
  tool(`${prefix}multiple_inputs`, until(all, { asked: 'all' }));
  tool(`${prefix}multi_round`, inTwoSteps);
  tool(`${prefix}capabilities`, whatTheClientCan);
  tool('test_streaming_elicitation', byName);
  // Asks whatever the client can: the SDK refuses for those that cannot.
  tool('test_missing_capability', until({ model: sample('Anything.') }));
  const config = { description: 'Needs to know the context' };
  server.registerPrompt(`${prefix}prompt`, config, async (context) => {
    const said = answer(context, 'user_context', 'context');
    if (said === undefined) return inputRequired({ inputRequests: { user_context: elicit('context') } });
    return { messages: [{ role: 'user', content: { type: 'text', text: said } }] };
  });
}
