import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { program } from '../../../src/cli/program.js';

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

const commands = all(program());

describe('the command line', () => {
  it.each(commands.map(({ path, command }) => [path, command] as const))(
    '%s has help with an example',
    (path, command) => {
      const text = help(command);
      expect(text).toContain(`Usage: ${path}`);
      expect(text).toMatch(/\nExample:\n {2}\$ chancery /);
    },
  );

  it('has the commands people rely on', () => {
    const paths = commands.map(({ path }) => path.replace(/^chancery ?/, ''));
    expect(paths).toEqual(
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
