// The prompts that the suite gets.
import { completable } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { embedded, picture } from './media.mjs';

const messages = (...contents) => ({ messages: contents.map((content) => ({ role: 'user', content })) });
const words = (text) => ({ type: 'text', text });

export function addPrompts(server) {
  server.registerPrompt('test_simple_prompt', { description: 'Takes nothing' }, async () =>
    messages(words('Say something.')),
  );
  const complete = (value) => ['testing', 'tested'].filter((word) => word.startsWith(value));
  const both = z.object({ arg1: completable(z.string(), complete), arg2: z.string() });
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'Takes two', argsSchema: both },
    async ({ arg1, arg2 }) => messages(words(`One is ${arg1}, two is ${arg2}.`)),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'Holds a resource', argsSchema: z.object({ resourceUri: z.string() }) },
    async ({ resourceUri }) =>
      messages(embedded(resourceUri, 'text/plain', 'What it says.'), words('What does it say?')),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'Holds a picture' }, async () =>
    messages({ type: 'image', ...picture }, words('What is on it?')),
  );
}
