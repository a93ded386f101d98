import { describe, expect, it } from 'vitest';
import { DispatchWindow } from '../../../src/hsm/dispatch-window.js';

function after(serviceMs: number): number {
  const window = new DispatchWindow();
  for (let count = 0; count < 200; count++) window.served(serviceMs * 2, 2);
  return window.size;
}

describe('dispatch window', () => {
  it('holds about 4 ms of work of a fast token', () => {
    expect(after(0.16)).toBe(25);
    expect(after(0.01)).toBe(32);
  });

  it('keeps 16 for a token that a busy daemon could leave idle, 8 for a slower one, 2 for a YubiHSM', () => {
    expect(after(0.4)).toBe(16);
    expect(after(0.9)).toBe(16);
    expect(after(3)).toBe(8);
    expect(after(105)).toBe(2);
  });

  it('learns nothing from an empty batch', () => {
    const window = new DispatchWindow();
    window.served(10_000, 0);
    expect(window.size).toBe(16);
  });
});
