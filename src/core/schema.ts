import { z } from 'zod';
import { nearest } from './nearest.js';

/**
 * Text of another party as it may stand in a sentence: quoted, cut, and everything but printable ASCII escaped.
 * JSON alone leaves C1 controls and bidirectional marks, with which a text can rewrite the terminal line it is on.
 */
export function quote(text: string): string {
  const cut = text.length > 64 ? `${text.slice(0, 64)}...` : text;
  return JSON.stringify(cut).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * An object whose unknown keys are errors that name the nearest known key. An unknown key that is skipped in
 * silence is a limit somebody believes in and nobody enforces.
 */
export function strictObject<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, known);
      // In YAML a field that somebody left empty is text.
      return issue.input === undefined ? undefined : `expected a map with ${known.join(', ')}`;
    },
  });
}

function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  const [first = '', ...more] = keys;
  const near = nearest(first, known);
  const names = known.length === 0 ? 'none is known' : `known: ${known.join(', ')}`;
  const hint = near === null ? names : `did you mean ${near}?`;
  return `unknown key ${quote(first)}${more.length === 0 ? '' : ` and ${String(more.length)} more`} (${hint})`;
}

/** Where a finding stands in a file: an unknown key itself, not the map around it, which may begin lines above. */
export function placeOf(issue: z.core.$ZodIssue): readonly PropertyKey[] {
  return issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
}

/** The first findings of a failed parse as one sentence: `keys[0].publicKey: expected string, received number`. */
export function issueSentence(error: z.ZodError): string {
  const sentences = error.issues
    .slice(0, 3)
    .map((issue) =>
      issue.path.length === 0 ? inWords(issue) : `${pathText(issue.path)}: ${findingText(issue)}`,
    );
  const more = error.issues.length - sentences.length;
  return sentences.join('; ') + (more > 0 ? `; and ${String(more)} more` : '');
}

/** What is wrong at the place of a finding. No file and no request holds an `undefined`: what is absent is missing. */
export function findingText(issue: z.core.$ZodIssue): string {
  const absent = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return absent ? 'is missing' : inWords(issue);
}

function inWords({ message }: z.core.$ZodIssue): string {
  const text = message.replace(/^Invalid input: /, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** `keys[0].limits[1].max`; names from outside are quoted. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${String(part)}]`;
      const name = String(part);
      const shown = /^[A-Za-z0-9_-]{1,64}$/.test(name) ? name : quote(name);
      return index === 0 ? shown : `.${shown}`;
    })
    .join('');
}
