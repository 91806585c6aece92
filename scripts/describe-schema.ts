/**
 * A valibot schema as plain data: its types, keys, literals and bounds. Equal descriptions: the same values pass, as
 * far as functions within a schema say nothing else. Invariant: no part of a schema is passed over; an unknown one is
 * an error.
 */

/** What says nothing of what passes. */
const silent = new Set(['kind', 'reference', 'expects', 'async', 'message', 'standard', '~run', '~standard']);
const telling = new Set([
  ...['type', 'entries', 'item', 'items', 'options', 'key', 'literal'],
  ...['wrapped', 'default', 'requirement', 'operation'],
]);

export function describeSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(describeSchema);
  if (schema instanceof RegExp) return String(schema);
  if (typeof schema === 'function') return 'function';
  if (typeof schema !== 'object' || schema === null) return schema;
  // Fields of a message may be called `kind`, too, but theirs is a schema.
  if (!('kind' in schema) || typeof schema.kind !== 'string') return inOrder(Object.entries(schema));
  const told = Object.entries(schema).filter(([name]) => !silent.has(name));
  // The first of a pipe is the schema itself.
  if ('pipe' in schema && Array.isArray(schema.pipe)) return { pipe: schema.pipe.map(describeSchema) };
  const parts = told.map(([name, part]): [string, unknown] => {
    if (name === 'class' && typeof part === 'function') return [name, part.name];
    if (!telling.has(name)) throw new Error(`how is ${name} of a schema to be described?`);
    return [name, part];
  });
  return inOrder(parts);
}

/** The order of keys changes nothing. */
function inOrder(parts: readonly (readonly [string, unknown])[]): unknown {
  const sorted = parts.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, part]) => [name, describeSchema(part)]));
}
