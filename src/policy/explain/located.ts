import { instructionText } from '../rules/at.js';
import type { ExplainedFailure } from './explanation.js';

/** A failure's sentence with the instruction it is about in front, unless it says so itself. */
export function located({ message, instruction, inner }: ExplainedFailure): string {
  if (instruction === undefined || message.startsWith('instruction ')) return message;
  return `${instructionText(instruction, inner)}: ${message}`;
}
