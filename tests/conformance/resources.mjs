// The resources that the suite reads and watches.
import { ResourceTemplate } from '@modelcontextprotocol/server';

import { picture } from './media.mjs';

export function addResources(server) {
  const plain = (name, uri, said) =>
    server.registerResource(name, uri, { description: 'Some words', mimeType: 'text/plain' }, async () => ({
      contents: [{ uri, mimeType: 'text/plain', text: said }],
    }));
  plain('static-text', 'test://static-text', 'These words stay.');
  plain('watched', 'test://watched-resource', 'These may change.');
  const { data: blob, mimeType } = picture;
  const uri = 'test://static-binary';
  server.registerResource('static-binary', uri, { description: 'A picture', mimeType }, async () => ({
    contents: [{ uri, mimeType, blob }],
  }));
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { description: 'One for each id', mimeType: 'application/json' },
    async (at, { id }) => ({
      contents: [{ uri: at.href, mimeType: 'application/json', text: JSON.stringify({ id }) }],
    }),
  );
  for (const method of ['resources/subscribe', 'resources/unsubscribe']) {
    server.server.setRequestHandler(method, async () => ({}));
  }
}
