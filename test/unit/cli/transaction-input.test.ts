import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { describeError } from '../../../src/cli/fail.js';
import { readTransactionInput } from '../../../src/cli/transaction-input.js';
import { rejected } from '../../support/rejected.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const WIRE = Buffer.from(Array.from({ length: 200 }, (_, index) => index));
const BASE64 = WIRE.toString('base64');
let directory: string;
let path: string;

beforeEach(() => {
  directory = temporaryDirectory();
  path = join(directory, 'transaction.b64');
});

it.each([
  ['one line', BASE64],
  ['one line with its end', `${BASE64}\n`],
  ['lines of 76 characters, as `base64` writes them', `${BASE64.replace(/.{76}/g, '$&\n')}\n`],
  ['lines as another system ends them', `${BASE64.replace(/.{76}/g, '$&\r\n')}\r\n`],
])('reads %s', async (_, text) => {
  writeFileSync(path, text);
  expect(await readTransactionInput(path)).toEqual(WIRE);
});

it.each([
  ['nothing', ''],
  ['line ends alone', '\n\n'],
  ['JSON', '{"transaction":"AQAA"}'],
  ['blanks inside', BASE64.replace(/.{76}/g, '$& ')],
  ['the bytes themselves', WIRE],
])('refuses %s, and says what is expected', async (_, text) => {
  writeFileSync(path, text);
  const { text: said, exitCode } = describeError(await rejected(readTransactionInput(path)));
  expect(exitCode).toBe(2);
  expect(said).toMatch(/^error: USAGE: .* holds no transaction in base64\nhint: .*base64/);
});
