// What both TypeScript clients share: reading the plan, and one line of JSON per step.
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'));

export function say(facts) {
  console.log(JSON.stringify(facts));
}

export function failure(error) {
  return { type: error?.constructor?.name, code: error?.code ?? null, message: String(error?.message ?? error) };
}

// What a step throws is the step's answer, not the end of the session.
async function attempt(step, action) {
  try {
    say({ step, ok: true, ...(await action()) });
  } catch (error) {
    say({ step, ok: false, error: failure(error) });
  }
}

async function call({ client, callTool }, { tool, arguments: given, progress: wanted }) {
  const progress = [];
  const options = wanted ? { onprogress: (step) => progress.push(step.progress) } : {};
  const result = await callTool({ name: tool, arguments: given }, options);
  const text = result.content.filter((block) => block.type === 'text').map((block) => block.text);
  return {
    is_error: result.isError === true,
    content: result.content,
    text: text.join('\n'),
    meta: result._meta ?? null,
    structured: result.structuredContent ?? null,
    progress,
  };
}

export function listed(tools) {
  return { tools: tools.map((tool) => tool.name), definitions: tools };
}

const acts = {
  call,
  list: async ({ client }) => listed((await client.listTools()).tools),
  ping: async ({ client }) => {
    await client.ping();
    return {};
  },
  // Whoever runs the plan does something meanwhile, and says so by a file.
  wait: async (_party, { file }) => {
    while (!existsSync(file)) await pause(20);
    return {};
  },
};

// What the clients say when a server asks back; only if the plan wants them to.
export const capabilities = plan.answers ? { elicitation: {}, roots: {}, sampling: {} } : {};
const answers = {
  'elicitation/create':
    plan.elicitation === 'decline' ? { action: 'decline' } : { action: 'accept', content: { sure: true } },
  'roots/list': { roots: [{ uri: 'file:///nowhere' }] },
  'sampling/createMessage': {
    role: 'assistant',
    content: { type: 'text', text: 'yes from the model' },
    model: 'none',
  },
};

// `handle` is what differs between the SDK's versions: a handler is named by a schema or a text.
export function answerQuestions(handle) {
  if (!plan.answers) return;
  for (const [method, answer] of Object.entries(answers)) {
    handle(method, async (request) => {
      const { message, url } = request?.params ?? {};
      say({ step: 'asked', ok: true, method, message: message ?? null, url: url ?? null });
      return answer;
    });
  }
}

// Connects, does the plan's steps and closes. `party` is the client and what differs between the
// SDK's versions: how to call a tool with options, and how to learn what was negotiated.
export async function walk(party, transport) {
  const { client, version } = party;
  try {
    await client.connect(transport);
    say({ step: 'connect', ok: true, version: version() ?? null });
    for (const step of plan.steps) {
      const together = step.together ?? [step];
      await Promise.all(together.map((one) => attempt(one.step, () => acts[one.do](party, one))));
    }
    await client.close();
  } catch (error) {
    say({ step: 'session', ok: false, error: failure(error) });
  }
}

export function headers() {
  return plan.token ? { Authorization: `Bearer ${plan.token}` } : {};
}
