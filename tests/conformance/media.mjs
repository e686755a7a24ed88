// The smallest picture and the smallest sound.
export const picture = {
  data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  mimeType: 'image/png',
};

export const sound = {
  data: 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=',
  mimeType: 'audio/wav',
};

export function text(said) {
  return { content: [{ type: 'text', text: said }] };
}

export function embedded(uri, mimeType, said) {
  return { type: 'resource', resource: { uri, mimeType, text: said } };
}
