import { expect, it } from 'vitest';
import { hasOnly } from '../../../src/os/groups.js';

const FILES = {
  passwd: `root:x:0:0::/root:/bin/sh
alice:x:1000:1000::/home/alice:/bin/bash
bob:x:1001:100::/home/bob:/bin/bash
carol:x:1002:100::/home/carol:/bin/bash
+::::::
`,
  group: `root:x:0:
users:x:100:
alice:x:1000:
ops:x:2000:alice
shared:x:2001:alice,bob
elsewhere:x:2002:alice,of-a-directory-service
empty:x:2003:
`,
};
const lines = (file: 'passwd' | 'group') => FILES[file].split('\n').map((line) => line.split(':'));

it.each([
  ['a group of their own', 1000, true],
  ['one they are the only further member of', 2000, true],
  ['one with another member', 2001, false],
  ['one that is the first of others too', 100, false],
  ['one with a member whom /etc/passwd does not know', 2002, false],
  ['one with nobody', 2003, false],
  ['one that is not known', 4242, false],
])('alice and root are alone in %s: gid %i, %s', (_, gid, alone) => {
  expect(hasOnly(gid, [0, 1000], lines)).toBe(alone);
});

it('bob is not alone in a group that carol has too, nor anybody else in one of alice', () => {
  expect(hasOnly(100, [0, 1001], lines)).toBe(false);
  expect(hasOnly(1000, [0, 1001], lines)).toBe(false);
});
