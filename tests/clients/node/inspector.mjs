// The command line of the official Inspector: one process, and one connection, per step.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { listed, plan, say } from './steps.mjs';

const launcher = fileURLToPath(
  new URL('./node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js', import.meta.url),
);
const methods = { call: 'tools/call', list: 'tools/list' };

function words(step) {
  const given = ['--cli', '--format', 'json', '--quiet', '--stored-auth-only'];
  given.push('--protocol-era', plan.era, '--method', methods[step.do]);
  if (step.do === 'call') {
    given.push('--tool-name', step.tool, '--tool-args-json', JSON.stringify(step.arguments));
  }
  if (plan.token) given.push('--header', `Authorization: Bearer ${plan.token}`);
  return plan.url ? [...given, '--transport', 'http', plan.url] : [...given, '--', ...plan.command];
}

function run(step) {
  return new Promise((done) => {
    execFile(process.execPath, [launcher, ...words(step)], (error, stdout, stderr) =>
      done({ exit: error ? error.code : 0, stdout, stderr }),
    );
  });
}

// An error is one line of JSON on stderr, among whatever else is written there.
function told(stderr) {
  const line = stderr.split('\n').findLast((text) => text.startsWith('{"error"'));
  return line ? JSON.parse(line).error : { code: null, message: stderr.slice(-400) };
}

function answer({ exit, stdout, stderr }) {
  if (!stdout.trim()) return { ok: false, error: { type: `exit ${exit}`, ...told(stderr) } };
  const { result } = JSON.parse(stdout);
  if (result.tools) return { ok: true, ...listed(result.tools) };
  const text = result.content.filter((block) => block.type === 'text').map((block) => block.text);
  return {
    ok: true,
    is_error: result.isError === true,
    content: result.content,
    text: text.join('\n'),
    meta: result._meta ?? null,
    structured: result.structuredContent ?? null,
  };
}

for (const step of plan.steps) {
  say({ step: step.step, ...answer(await run(step)) });
}
