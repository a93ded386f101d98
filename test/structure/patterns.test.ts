import { expect, it } from 'vitest';

it('a pattern inside toMatchObject is matched', () => {
  const error = Object.assign(new Error('the disk is full'), { code: 'INTERNAL' });
  expect(error).toMatchObject({ code: 'INTERNAL', message: /is full$/ });
  expect(() => {
    expect(error).toMatchObject({ code: 'INTERNAL', message: /is empty$/ });
  }).toThrow(/to match object/);
  expect(() => {
    expect({ deep: [{ hint: null }] }).toMatchObject({ deep: [{ hint: /anything/ }] });
  }).toThrow(/to match object/);
});
