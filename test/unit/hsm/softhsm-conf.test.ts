import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { softHsmConf, tokenDirectoryOf } from '../../../src/hsm/softhsm-conf.js';
import { thrown } from '../../support/thrown.js';

describe('softhsm2.conf', () => {
  it('is the one of hsm-config/', () => {
    const template = readFileSync(new URL('../../../hsm-config/softhsm2.conf', import.meta.url), 'utf8');
    expect(softHsmConf('/var/lib/chancery/tokens')).toBe(template);
  });

  it.each(['tokens', '/a\nlog.level = DEBUG', '/a#b', '/a '])('refuses the directory %j', (directory) => {
    expect(thrown(() => softHsmConf(directory)).code).toBe('CONFIG_INVALID');
  });

  it.each([
    [softHsmConf('/var/lib/my tokens'), '/var/lib/my tokens'],
    ['directories.tokendir=/a\r\n\tdirectories.tokendir = /b # where\n', '/b'],
    ['# directories.tokendir = /a\n', null],
    ['directories.tokendir = tokens\n', null],
  ])('names its token directory: %j', (conf, directory) => {
    expect(tokenDirectoryOf(conf)).toBe(directory);
  });
});
