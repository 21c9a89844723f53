// SHA-256 over the JCS form that npm's canonicalize prints.
//
// Reads paths of JSON files line by line; for each prints the digest of the document without its
// top-level member `proof`, a blank, and the path; or `error`, the type of the error, and the path.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import canonicalize from 'canonicalize';

export function digest(bytes) {
  // drops one byte-order mark
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  const document = JSON.parse(text);
  if (document !== null && typeof document === 'object' && !Array.isArray(document)) {
    delete document.proof;
  }
  return createHash('sha256').update(canonicalize(document), 'utf8').digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = [];
  for (const path of readFileSync(0, 'utf8').split('\n')) {
    if (path === '') continue;
    try {
      lines.push(`${digest(readFileSync(path))} ${path}\n`);
    } catch (error) {
      lines.push(`error ${error.constructor.name} ${path}\n`);
    }
  }
  process.stdout.write(lines.join(''));
}
