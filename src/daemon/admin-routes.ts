import { refuseUnknown } from '../ceremony/narrow.js';
import { revokeWorkload } from '../ceremony/revoke-workload.js';
import { decodeBase64 } from '../core/base64.js';
import { formatTime } from '../core/clock.js';
import { ChanceryError } from '../core/errors.js';
import { VERSION } from '../core/version.js';
import type { Peer } from '../identity/peer.js';
import type { EntryBody, Operator } from '../ledger/entries.js';
import { appendOne, type Written } from '../ledger/ledger.js';
import type { AttestationRecord } from '../ledger/state.js';
import type { HealthReport } from '../operations/health.js';
import { ofEpoch } from '../policy/of-epoch.js';
import type { Policy } from '../policy/policy.js';
import { LANDING_MS, type AdminMethods } from '../protocol/admin-methods.js';
import type { Handlers } from '../protocol/dispatch.js';
import { PROTOCOL_VERSION } from '../protocol/version.js';
import { wireEntry } from '../protocol/wire-entry.js';
import { parseEnvelope } from '../sovereign/envelope.js';
import type { Path } from '../signing/path.js';
import type { Call } from '../transport/call.js';
import { keyState } from './key-ailments.js';
import type { Enrolled, KeyDesk } from './key-desk.js';
import type { RecentSignatures } from './recent-signatures.js';
import type { StatementDesk } from './statement-desk.js';
import type { Subscriptions } from './subscriptions.js';

export interface AdminRouteParts {
  readonly path: Path;
  readonly recent: RecentSignatures;
  readonly subscriptions: Subscriptions;
  readonly health: () => HealthReport;
  readonly name: string;
  readonly tokens: () => readonly { readonly name: string; readonly state: string }[];
  readonly submit: StatementDesk;
  readonly keys: KeyDesk;
  /** Whether anything but freezes and revocations may be appended now. */
  readonly mayAppend: () => boolean;
}

/** The methods of admin.sock, for operators. Reads, narrowing at once, and statements for everything that widens. */
export function adminRoutes(parts: AdminRouteParts): Handlers<AdminMethods, Call<Peer>> {
  const { path, recent, subscriptions, health, submit, tokens, keys, mayAppend } = parts;
  const { ledger, policies, clock } = path;
  const inForce = (): Policy => policies.inForce(ledger.state);
  const now = (): number => Math.max(ledger.state.time, clock.latest());

  const append = (body: EntryBody): Promise<Written> => appendOne(ledger, () => body);

  return {
    getStatus: () => {
      const { state } = ledger;
      const policy = inForce();
      const { status, ailments } = health();
      return {
        name: parts.name,
        version: VERSION,
        protocol: PROTOCOL_VERSION,
        origin: ledger.origin,
        ready: status !== 'stopped',
        problems: ailments.map(({ code, message }) => `${code}: ${message}`),
        policy: { sha256: policy.sha256, serial: policy.serial, epoch: policy.sovereign.epoch },
        ledger: { size: state.size, head: state.head, unavailable: ledger.unavailable },
        tokens: tokens().map(({ name, state: condition }) => ({
          name,
          available: condition === 'ready',
          detail: condition,
        })),
        keys: [...policy.keys.values()].map((key) => ({
          id: key.id,
          publicKey: key.address,
          role: key.role,
          token: key.token,
          state: keyState(state, key.address),
        })),
        freezes: state.freezes().map((freeze) => ({
          hash: freeze.hash,
          sequence: String(freeze.sequence),
          key: keyName(policy, freeze.publicKey),
          reason: freeze.reason,
          time: formatTime(freeze.time),
        })),
        open: state.open().map(String),
      };
    },

    listAttestations: ({ workload, key }) =>
      ofEpoch(ledger.state.allAttestations(now()), inForce())
        .filter((record) => workload === undefined || record.workload === workload)
        .filter((record) => key === undefined || record.keys.some(({ id }) => id === key))
        .map(wireAttestation),

    // Nothing waits for an approval yet: a refused request is refused, and asked again.
    listPending: () => [],

    subscribe: ({ topics }, call) => {
      subscriptions.follow(call.connection, topics);
      return { topics };
    },

    freeze: async ({ key: id, reason }, call) => {
      const key = id === undefined ? undefined : inForce().keys.get(id);
      if (id !== undefined && key === undefined) {
        throw new ChanceryError('UNKNOWN_KEY', `the policy has no key ${JSON.stringify(id)}`, {
          hint: '`chancery status` lists the keys',
        });
      }
      const entry = await append({
        type: 'freeze',
        ...(key === undefined ? {} : { key: key.id, publicKey: key.address }),
        reason,
        by: operator(call),
      });
      return {
        entry: wireEntry(entry),
        recent: recent.since(now() - LANDING_MS, key?.address ?? null),
      };
    },

    revokeAttestation: async ({ id, reason }, call) => {
      const hint =
        '`chancery attest list` shows them; one that was not submitted yet ends with its workload: revokeWorkload';
      refuseUnknown(ledger.state, id, hint);
      const entry = await append({ type: 'revocation', attestation: id, reason, by: operator(call) });
      return { entry: wireEntry(entry) };
    },

    revokeWorkload: async ({ workload, reason }, call) => {
      const asked = { workload, reason, by: operator(call) };
      const { entry, ended, unknown } = await revokeWorkload(ledger, inForce(), asked);
      return { entry: wireEntry(entry), ended, ...(unknown === null ? {} : { unknown }) };
    },

    submitStatement: async ({ statement, blobs = [] }) => {
      const { id, kind, entry } = await submit(parseEnvelope(statement), blobs.map(blobBytes));
      return { id, kind, entry: wireEntry(entry) };
    },

    keyGenerate: async ({ token, label, statement }) => {
      refuseStatement(statement);
      return wireEnrolled(await keys.generate(token, label));
    },

    keyImport: async ({ token, label, statement }) => {
      refuseStatement(statement);
      return wireEnrolled(await keys.enrol(token, label));
    },

    createChallenge: async () => {
      if (!mayAppend()) {
        throw new ChanceryError('LEDGER_UNAVAILABLE', 'the ledger may have been rolled back', {
          hint: 'nothing that names a head is accepted before the Sovereign has accepted this one: see `chancery status`',
        });
      }
      // A new head, so that a statement which names it cannot have been signed earlier.
      await append({ type: 'tick' });
      // Others may have appended since: the head of the tick is remembered, the very newest may not be.
      const { size, root } = ledger.state.challenge();
      return { ledger: { origin: ledger.origin, size, root } };
    },
  };
}

function operator(call: Call<Peer>): Operator {
  const { uid, pid } = call.peer.facts;
  return { uid, pid };
}

/** Taken and not judged, it would look as if the Sovereign had agreed. */
function refuseStatement(statement: unknown): void {
  if (statement === undefined) return;
  throw new ChanceryError('STATEMENT_INVALID', 'a key ceremony takes no statement', {
    hint: 'send none: a key signs for nobody until a signed policy names it',
  });
}

function wireEnrolled({ key, entry }: Enrolled) {
  return { publicKey: key.publicKey, id: key.objectId, entry: wireEntry(entry) };
}

function keyName(policy: Policy, address: string | null): string | null {
  if (address === null) return null;
  for (const key of policy.keys.values()) if (key.address === address) return key.id;
  return address;
}

function blobBytes(text: string): Uint8Array {
  const bytes = decodeBase64(text);
  if (bytes === null) throw new ChanceryError('MALFORMED_REQUEST', 'a blob is not canonical base64');
  return bytes;
}

function wireAttestation(record: AttestationRecord) {
  return {
    id: record.id,
    workload: record.workload,
    keys: record.keys.map(({ id, publicKey }) => ({ id, publicKey })),
    issuedAt: formatTime(record.issuedAt),
    expiresAt: formatTime(record.expiresAt),
    epoch: record.epoch,
    sequence: String(record.sequence),
    used: record.used,
    revoked: record.revoked,
    ...(record.possession === undefined ? {} : { possession: record.possession }),
    ...(record.scope === undefined ? {} : { scope: { ...record.scope } }),
  };
}
