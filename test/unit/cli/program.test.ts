import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { program } from '../../../src/cli/program.js';
import { command } from '../../support/site/command.js';

interface Found {
  readonly path: string;
  readonly command: Command;
}

function all(command: Command, path = command.name()): Found[] {
  const children = command.commands.flatMap((child) => all(child, `${path} ${child.name()}`));
  return [{ path, command }, ...children];
}

function help(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

const commands = all(await program([]));
const paths = commands.map(({ path }) => path);

describe('the command line', () => {
  it.each(commands.map(({ path, command }) => [path, command] as const))(
    '%s has help with an example',
    (path, command) => {
      const text = help(command);
      expect(text).toContain(`Usage: ${path}`);
      expect(text).toMatch(/\nExample:\n {2}\$ chancery /);
      // A duration is given as `10s`, and must be shown so.
      expect(text).not.toMatch(/\(default: \d{4,}\)/);
    },
  );

  it.each(paths)('%s: loads the command named, what is above it and below, and no other', async (path) => {
    const loaded = all(await program(path.split(' ').slice(1))).map((one) => one.path);
    expect(loaded).toEqual(
      paths.filter((one) => `${path} `.startsWith(`${one} `) || one.startsWith(`${path} `)),
    );
  });

  it('tells its version without any of them', async () => {
    expect((await program(['--version'])).commands).toEqual([]);
    expect((await command('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['leger', 'tail'], "unknown command 'leger'\n(Did you mean ledger?)"],
    [['ledger', 'tial'], "unknown command 'tial'\n(Did you mean tail?)"],
  ])('%j is answered with the nearest name', async (words, sentence) => {
    const { code, stderr } = await command(...words);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
  });

  it('has the commands people rely on', () => {
    expect(paths.map((path) => path.replace(/^chancery ?/, ''))).toEqual(
      expect.arrayContaining([
        ...['init', 'genesis', 'serve', 'doctor', 'sign', 'explain', 'freeze', 'unfreeze', 'status'],
        ...['request', 'issue', 'sign', 'inspect', 'submit', 'list', 'revoke'].map(
          (name) => `attest ${name}`,
        ),
        ...['check', 'diff', 'pin-table', 'sign', 'show', 'submit'].map((name) => `policy ${name}`),
        ...['verify', 'tail', 'show', 'prove', 'replay', 'export', 'spend', 'backup'].map(
          (name) => `ledger ${name}`,
        ),
        ...['list', 'generate', 'import'].map((name) => `keys ${name}`),
      ]),
    );
  });

  it('shows in examples only commands and options that exist', () => {
    for (const { command } of commands) {
      for (const [line] of help(command).matchAll(/^ {2}\$ chancery .*$/gm)) {
        const words = line
          .replace(/"[^"]*"/g, 'text')
          .trim()
          .split(/\s+/)
          .slice(2);
        let at = commands[0]!.command;
        for (const word of words) at = at.commands.find((child) => child.name() === word) ?? at;
        expect(at, line).not.toBe(commands[0]!.command);
        const known = new Set(at.options.flatMap(({ long, short }) => [long, short]));
        for (const word of words.filter((one) => /^--?[a-z]/.test(one))) expect(known, line).toContain(word);
        for (const { long, mandatory } of at.options) {
          if (mandatory) expect(words, line).toContain(long);
        }
      }
    }
  });
});
