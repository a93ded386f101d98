import { parseDuration } from '../core/duration.js';
import { parseTlogPolicy } from '../ledger/note/tlog-policy.js';
import type { AnchorText } from './anchor-schema.js';
import type { AnchorPolicy } from './policy.js';
import type { Path, Problems } from './problems.js';

/** Two spellings of one path would be two anchors. */
const SHORTEST_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[^/]+)+$/;

const DEFAULT_LAG_MS = 3_600_000;

/** The anchors a policy requires. A rollback of the ledger is noticed at the next start by each of them. */
export function compileAnchors(
  anchors: readonly AnchorText[],
  tokens: ReadonlySet<string>,
  problems: Problems,
): readonly AnchorPolicy[] {
  const seen = new Set<string>();
  return anchors.flatMap((text, index) => {
    const path: Path = ['anchors', index];
    const compiled = compileAnchor(text, path, tokens, problems);
    if (compiled === null) return [];
    const subject = subjectOf(compiled);
    if (seen.has(subject)) problems.add(path, 'the same anchor stands twice');
    seen.add(subject);
    return [compiled];
  });
}

function compileAnchor(
  text: AnchorText,
  path: Path,
  tokens: ReadonlySet<string>,
  problems: Problems,
): AnchorPolicy | null {
  const lag = text.lag === undefined ? DEFAULT_LAG_MS : parseDuration(text.lag);
  if (lag === null) problems.add([...path, 'lag'], 'not a duration of at most ten years');
  onlyFieldOf(text, path, problems);
  const given = { lag: lag ?? DEFAULT_LAG_MS };
  switch (text.kind) {
    case 'file':
      if (text.path === undefined) return missing('path', path, problems);
      if (!SHORTEST_PATH.test(text.path)) problems.add([...path, 'path'], 'not in its shortest form');
      return { kind: 'file', path: text.path, ...given };
    case 'token':
      if (text.token === undefined) return missing('token', path, problems);
      if (!tokens.has(text.token)) problems.add([...path, 'token'], `no token ${text.token} is declared`);
      return { kind: 'token', token: text.token, ...given };
    case 'witness': {
      if (text.witnesses === undefined) return missing('witnesses', path, problems);
      const parsed = parseTlogPolicy(text.witnesses);
      if (typeof parsed === 'string') problems.add([...path, 'witnesses'], parsed);
      else if (parsed.quorum === null) problems.add([...path, 'witnesses'], 'its quorum asks for no witness');
      return { kind: 'witness', witnesses: text.witnesses, ...given };
    }
  }
}

const FIELDS = { file: 'path', token: 'token', witness: 'witnesses' } as const;

function onlyFieldOf(text: AnchorText, path: Path, problems: Problems): void {
  for (const field of Object.values(FIELDS)) {
    if (field !== FIELDS[text.kind] && text[field] !== undefined) {
      problems.add([...path, field], `means nothing for an anchor of kind ${text.kind}`);
    }
  }
}

function missing(field: string, path: Path, problems: Problems): null {
  problems.add(path, `expected ${field}`);
  return null;
}

function subjectOf(anchor: AnchorPolicy): string {
  switch (anchor.kind) {
    case 'file':
      return `file ${anchor.path}`;
    case 'token':
      return `token ${anchor.token}`;
    case 'witness':
      return 'witness';
  }
}

/** For people. */
export function describeAnchor(anchor: AnchorPolicy): string {
  return anchor.kind === 'witness' ? `witnesses ${JSON.stringify(anchor.witnesses)}` : subjectOf(anchor);
}
