#!/usr/bin/env node
// Writes docs/openrpc.json and docs/errors.md from the schemas and the error guide. Needs `npm run build`; a test
// fails when the documents are not what this writes.
import { writeFileSync } from 'node:fs';
import { URL } from 'node:url';
import { errorGuideText } from '../dist/protocol/error-guide-text.js';
import { openRpcText } from '../dist/protocol/openrpc.js';

const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('openrpc.json', docs), openRpcText());
writeFileSync(new URL('errors.md', docs), errorGuideText());
