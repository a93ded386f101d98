import type { ExplainedFailure } from './explanation.js';

/** A failure's sentence with the instruction it is about in front, unless it says so itself. */
export function located({ message, instruction, inner }: ExplainedFailure): string {
  if (instruction === undefined || message.startsWith('instruction ')) return message;
  return `instruction ${String(instruction)}${inner === undefined ? '' : `, inner ${String(inner)}`}: ${message}`;
}
