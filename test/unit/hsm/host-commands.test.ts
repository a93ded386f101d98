import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HostCommands, type CommandedHost } from '../../../src/hsm/host-commands.js';
import type { HostCommand } from '../../../src/hsm/host-protocol.js';

const WATCHDOG_MS = 5000;
const READ: HostCommand = { command: 'readObjects', name: 'anchor' };
const REPLACE: HostCommand = { command: 'replaceObjects', name: 'anchor', value: '00' };

class FakeHost implements CommandedHost {
  readonly commands: HostCommand[] = [];
  readonly killed: string[] = [];

  command(command: HostCommand): void {
    this.commands.push(command);
  }

  kill(reason: string): void {
    this.killed.push(reason);
  }
}

describe('HostCommands', () => {
  let host: FakeHost;
  let commands: HostCommands;

  beforeEach(() => {
    vi.useFakeTimers();
    host = new FakeHost();
    commands = new HostCommands(WATCHDOG_MS);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const turn = async (): Promise<void> => {
    await vi.advanceTimersByTimeAsync(0);
  };

  it('gives the second command to the host only when the first is answered', async () => {
    const first = commands.ask(READ, () => host);
    const second = commands.ask(REPLACE, () => host);
    await turn();
    expect(host.commands).toEqual([READ]);
    expect(commands.replied('of the first')).toBe(true);
    expect(await first).toBe('of the first');
    await turn();
    expect(host.commands).toEqual([READ, REPLACE]);
    commands.replied('of the second');
    expect(await second).toBe('of the second');
  });

  it('knows a reply that nobody asked for', async () => {
    expect(commands.replied('unasked')).toBe(false);
    void commands.ask(READ, () => host);
    await turn();
    expect(commands.replied('asked')).toBe(true);
    expect(commands.replied('once more')).toBe(false);
  });

  it('rejects with HSM_UNAVAILABLE when the host ends, and asks the next host', async () => {
    const lost = commands.ask(READ, () => host);
    await turn();
    const expected = expect(lost).rejects.toMatchObject({
      code: 'HSM_UNAVAILABLE',
      message: 'the HSM host ended: signal SIGKILL',
    });
    commands.hostEnded('signal SIGKILL');
    await expected;
    expect(commands.replied('of a dead host')).toBe(false);
    const next = new FakeHost();
    const again = commands.ask(READ, () => next);
    await turn();
    expect(next.commands).toEqual([READ]);
    commands.replied('alive');
    expect(await again).toBe('alive');
    expect(host.commands).toEqual([READ]);
  });

  it('asks for the host when the turn has come, and one that is away does not hold up the next', async () => {
    const away = new Error('no host');
    const refused = expect(
      commands.ask(READ, () => {
        throw away;
      }),
    ).rejects.toBe(away);
    const next = commands.ask(REPLACE, () => host);
    await refused;
    await turn();
    expect(host.commands).toEqual([REPLACE]);
    commands.replied('done');
    expect(await next).toBe('done');
  });

  it('kills a host that does not answer in time, and leaves alone one that has', async () => {
    const answered = commands.ask(READ, () => host);
    await turn();
    commands.replied('in time');
    await answered;
    await vi.advanceTimersByTimeAsync(2 * WATCHDOG_MS);
    expect(host.killed).toEqual([]);

    void commands.ask(REPLACE, () => host);
    await vi.advanceTimersByTimeAsync(WATCHDOG_MS - 1);
    expect(host.killed).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(host.killed).toEqual(['no answer to replaceObjects within 5 s']);
  });
});
