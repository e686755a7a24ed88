// What both TypeScript clients share: reading the plan, and one line of JSON per step.
import { readFileSync } from 'node:fs';

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

async function call(client, { tool, arguments: given }) {
  const result = await client.callTool({ name: tool, arguments: given });
  const text = result.content.filter((block) => block.type === 'text').map((block) => block.text);
  return {
    is_error: result.isError === true,
    text: text.join('\n'),
    meta: result._meta ?? null,
    structured: result.structuredContent ?? null,
  };
}

const acts = {
  call,
  list: async (client) => ({ tools: (await client.listTools()).tools.map((tool) => tool.name) }),
  ping: async (client) => {
    await client.ping();
    return {};
  },
};

// Connects, does the plan's steps and closes; `version` reads what was negotiated.
export async function walk(client, transport, version) {
  try {
    await client.connect(transport);
    say({ step: 'connect', ok: true, version: version() ?? null });
    for (const step of plan.steps) {
      await attempt(step.step, () => acts[step.do](client, step));
    }
    await client.close();
  } catch (error) {
    say({ step: 'session', ok: false, error: failure(error) });
  }
}

export function headers() {
  return plan.token ? { Authorization: `Bearer ${plan.token}` } : {};
}
