import { parseVkey, type NoteKey } from './key.js';
import { MAX_SIGNATURES } from './note.js';

/** C2SP tlog-policy recommends to support at least 32 of each. */
const MAX_LINES = 512;
/** What they have all cosigned must be a note that is read again, with the ledger's own signature in it. */
const MAX_WITNESSES = MAX_SIGNATURES - 1;

export interface PolicyWitness {
  /** In this file only. */
  readonly name: string;
  readonly key: NoteKey;
  /** Submission prefix of tlog-witness; null when the file gives none. */
  readonly url: string | null;
}

type Rule = { readonly witness: NoteKey } | { readonly atLeast: number; readonly members: readonly Rule[] };

/** Which witnesses must have cosigned a checkpoint. */
export interface TlogPolicy {
  readonly logs: readonly NoteKey[];
  readonly witnesses: readonly PolicyWitness[];
  /** Null: `quorum none`, which asks for no witness at all. */
  readonly quorum: Rule | null;
}

/** Reads a C2SP tlog-policy; a sentence when it is not one. */
export function parseTlogPolicy(text: string): TlogPolicy | string {
  // eslint-disable-next-line no-control-regex -- the specification excludes exactly these
  if (/[\0-\x08\x0b-\x1f\x7f]/.test(text)) return 'it holds control characters';
  const lines = text.split('\n');
  if (lines.length > MAX_LINES) return `it has more than ${String(MAX_LINES)} lines`;
  const reader = new Reader();
  for (const [index, line] of lines.entries()) {
    const items = line.split(/[ \t]+/).filter((item) => item !== '');
    if (items.length === 0 || items[0]?.startsWith('#') === true) continue;
    const fault = reader.line(items);
    if (fault !== null) return `line ${String(index + 1)}: ${fault}`;
  }
  return reader.finish();
}

class Reader {
  readonly #logs: NoteKey[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  readonly #names = new Map<string, Rule>();
  readonly #members = new Set<string>();
  /** Raw keys, by what they are used for: a second name for one key would be a second voice. */
  readonly #keys = new Set<string>();
  #quorum: Rule | null | undefined = undefined;

  line([keyword = '', ...items]: readonly string[]): string | null {
    switch (keyword) {
      case 'log':
        return this.#log(items);
      case 'witness':
        return this.#witness(items);
      case 'group':
        return this.#group(items);
      case 'quorum':
        return this.#setQuorum(items);
      default:
        return `${JSON.stringify(keyword.slice(0, 32))} is none of log, witness, group, quorum`;
    }
  }

  finish(): TlogPolicy | string {
    if (this.#quorum === undefined) return 'it has no quorum line';
    return { logs: this.#logs, witnesses: this.#witnesses, quorum: this.#quorum };
  }

  #log([vkey, , ...rest]: readonly string[]): string | null {
    const key = vkey === undefined ? null : parseVkey(vkey);
    if (rest.length > 0 || key?.algorithm !== 'ed25519')
      return 'expected log <vkey> [<url>] with an Ed25519 key';
    if (!this.#isNew('log', key)) return 'this key is that of another log';
    this.#logs.push(key);
    return null;
  }

  #witness([name, vkey, url, ...rest]: readonly string[]): string | null {
    const key = vkey === undefined ? null : parseVkey(vkey);
    if (name === undefined || rest.length > 0 || key?.algorithm !== 'cosignature/v1') {
      return 'expected witness <name> <vkey> [<url>] with a cosignature/v1 key';
    }
    if (!this.#isNew('witness', key)) return 'this key is that of another witness';
    if (this.#witnesses.length === MAX_WITNESSES)
      return `more than ${String(MAX_WITNESSES)} witnesses, whose cosignatures no checkpoint has room for`;
    this.#witnesses.push({ name, key, url: url ?? null });
    return this.#define(name, { witness: key });
  }

  #group([name, threshold, ...members]: readonly string[]): string | null {
    if (name === undefined || threshold === undefined || members.length === 0) {
      return 'expected group <name> all|any|<k> <name>...';
    }
    const rules: Rule[] = [];
    for (const member of members) {
      const rule = this.#names.get(member);
      if (rule === undefined) return 'a member is not defined on a line before';
      // Once, so that each witness counts towards the quorum in one way only.
      if (this.#members.has(member)) return 'a member is in a group already';
      this.#members.add(member);
      rules.push(rule);
    }
    const atLeast = threshold === 'all' ? rules.length : threshold === 'any' ? 1 : decimal(threshold);
    if (atLeast === null || atLeast > rules.length)
      return 'the threshold is not all, any or 1 to the number of members';
    return this.#define(name, { atLeast, members: rules });
  }

  #setQuorum([name, ...rest]: readonly string[]): string | null {
    if (name === undefined || rest.length > 0) return 'expected quorum <name>';
    if (this.#quorum !== undefined) return 'a second quorum line';
    const rule = name === 'none' ? null : this.#names.get(name);
    if (rule === undefined) return 'the quorum is not defined on a line before';
    this.#quorum = rule;
    return null;
  }

  #isNew(use: string, { key }: NoteKey): boolean {
    const raw = `${use} ${Buffer.from(key.bytes).toString('hex')}`;
    if (this.#keys.has(raw)) return false;
    this.#keys.add(raw);
    return true;
  }

  #define(name: string, rule: Rule): string | null {
    if (name === 'none' || this.#names.has(name)) return 'the name is taken';
    this.#names.set(name, rule);
    return null;
  }
}

function decimal(text: string): number | null {
  return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : null;
}

/**
 * When the quorum was reached, by the time (seconds) at which each witness cosigned: the latest time that is needed.
 * Null when it is not. `quorum none` is reached by nobody: whoever asks wants witnesses.
 */
export function quorumTime(policy: TlogPolicy, times: ReadonlyMap<NoteKey, number>): number | null {
  return policy.quorum === null ? null : ruleTime(policy.quorum, times);
}

function ruleTime(rule: Rule, times: ReadonlyMap<NoteKey, number>): number | null {
  if ('witness' in rule) return times.get(rule.witness) ?? null;
  // Of those who did, the newest that make up the threshold: an old voice is not needed when there are enough.
  const found = rule.members.map((member) => ruleTime(member, times)).filter((time) => time !== null);
  return found.sort((a, b) => b - a)[rule.atLeast - 1] ?? null;
}
