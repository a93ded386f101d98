import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Ledger } from '../../../src/ledger/ledger.js';
import type { PendingRollback } from '../../../src/ceremony/accept-statement.js';
import { formatTime } from '../../../src/core/clock.js';
import { ChanceryError } from '../../../src/core/errors.js';
import { sha256Hex } from '../../../src/core/sha256.js';
import { statementDesk, type NextTokens, type StatementDesk } from '../../../src/daemon/statement-desk.js';
import type { Policy } from '../../../src/policy/policy.js';
import { buildPayload, type PayloadFields } from '../../../src/sovereign/build-payload.js';
import type { Envelope } from '../../../src/sovereign/envelope.js';
import type { Kind } from '../../../src/sovereign/kinds/registry.js';
import { freeze, ORIGIN, statementId } from '../../support/ledger-bodies.js';
import { addressOf, AGENT, namedKey, policyBytes } from '../../support/policy-text.js';
import { rejected } from '../../support/rejected.js';
import { signingRig, type Rig } from '../../support/signing-rig.js';
import { signSshsig } from '../../support/sshsig-by-hand.js';
import { envelopeOf } from '../../support/ssh-authority.js';
import { WalletAuthority } from '../../support/wallet-authority.js';

const alice = new WalletAuthority('alice', namedKey('alice').private);
const mallory = new WalletAuthority('alice', namedKey('mallory').private);

let rig: Rig;
/** What the tokens were asked, in order, with the number of entries there were. */
let asked: [string, number][];
let prepare: (policy: Policy) => Promise<void>;
let pending: PendingRollback | null;
let desk: StatementDesk;
/** Wallets whose accounts were worked out. */
let derived: string[];
let ids = 100;

beforeEach(async () => {
  rig = await signingRig();
  asked = [];
  derived = [];
  pending = null;
  prepare = () => Promise.resolve();
  const note = (what: string): Promise<void> => {
    asked.push([what, rig.ledger.state.size]);
    return Promise.resolve();
  };
  const tokens: NextTokens<string> = {
    prepare: async (policy) => {
      await note('prepare');
      await prepare(policy);
      return 'prepared';
    },
    adopt: (set) => note(`adopt ${set}`),
    discard: (set) => note(`discard ${set}`),
  };
  desk = statementDesk(rig.path, tokens, () => pending);
  const { book } = rig.path.policies.inForce(rig.ledger.state);
  book.derive = (address) => void derived.push(address);
});

const common = () => ({
  signer: ORIGIN,
  id: statementId(++ids),
  epoch: 1,
  issuedAt: formatTime(rig.clock.now),
});

function signed<K extends Kind>(kind: K, fields: PayloadFields<K>, by = alice): Envelope {
  const payload = buildPayload(kind, fields);
  const signature = signSshsig(by, payload, `${kind}@chancery`);
  return envelopeOf(payload, { authority: 'alice', scheme: 'sshsig', signature });
}

function attestation(by = alice): Envelope {
  return signed(
    'attestation',
    {
      ...common(),
      expiresAt: formatTime(rig.clock.now + 3_600_000),
      workload: AGENT,
      keys: [{ id: 'trading-1', publicKey: addressOf('trading-1') }],
      scope: { destinations: [addressOf('bob')] },
    },
    by,
  );
}

const bytes = policyBytes({ signer: ORIGIN, serial: 2 });
function policy(of = bytes, by = alice): Envelope {
  const previous = rig.path.policies.inForce(rig.ledger.state).sha256;
  return signed('policy', { ...common(), serial: 2, previous, sha256: sha256Hex(of) }, by);
}

/** From now on nothing is durable until the function it returns is called. */
function heldBack(ledger: Ledger): () => void {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const transact = ledger.transact.bind(ledger);
  ledger.transact = async (decide) => {
    const receipt = await transact(decide);
    await held;
    return receipt;
  };
  return release;
}

describe('I8: handing in an attestation', () => {
  it('appends it, when the accounts it names are known', async () => {
    const size = rig.ledger.state.size;
    expect(await desk(attestation(), [])).toMatchObject({ kind: 'attestation', authorities: ['alice'] });
    expect(derived).toEqual([addressOf('bob')]);
    expect(rig.ledger.state.size).toBe(size + 1);
  });

  it('costs nothing without a quorum', async () => {
    expect((await rejected(desk(attestation(mallory), []))).code).toBe('QUORUM_NOT_MET');
    expect(derived).toEqual([]);
  });

  it('is judged by the later of both clocks', async () => {
    const envelope = attestation();
    rig.clock.now += 3_599_000;
    rig.clock.boot = () => rig.clock.now + 1000;
    const error = await rejected(desk(envelope, []));
    expect(error.code).toBe('STATEMENT_INVALID');
    expect(error.message).toContain('it expired at');
  });

  it('waits while the ledger may have been rolled back', async () => {
    pending = { size: 1, root: '', contradicted: [], since: 0 };
    expect((await rejected(desk(attestation(), []))).code).toBe('LEDGER_UNAVAILABLE');
    expect(derived).toEqual([]);
  });
});

describe('I8: handing in a policy', () => {
  /** The policy after the one that is handed in here. */
  const submitNext = () => {
    const next = policyBytes({ signer: ORIGIN, serial: 3 });
    const fields = { ...common(), serial: 3, previous: digest, sha256: sha256Hex(next) };
    return desk(signed('policy', fields), [next]);
  };

  const digest = sha256Hex(bytes);

  async function unchanged(run: Promise<unknown>): Promise<ChanceryError> {
    const { size } = rig.ledger.state;
    const error = await rejected(run);
    expect(rig.ledger.state.policy?.sha256).not.toBe(digest);
    expect(rig.ledger.state.size).toBe(size);
    return error;
  }

  it('finds its keys, stores its bytes, appends it, then signs by it', async () => {
    const { size } = rig.ledger.state;
    expect(await desk(policy(), [bytes])).toMatchObject({ kind: 'policy' });
    expect(asked).toEqual([
      ['prepare', size],
      ['adopt prepared', size + 1],
    ]);
    expect(rig.path.policies.inForce(rig.ledger.state).sha256).toBe(digest);
    expect(Buffer.from((await rig.ledger.getBlob(digest)) ?? [])).toEqual(bytes);
  });

  it('needs the bytes that the statement names', async () => {
    const other = policyBytes({ signer: ORIGIN, serial: 3 });
    for (const blobs of [[], [other]]) {
      const error = await unchanged(desk(policy(), blobs));
      expect(error.code).toBe('STATEMENT_INVALID');
      expect(error.message).toContain('was not sent with it');
    }
    expect(asked).toEqual([]);
  });

  it('needs bytes that are a policy', async () => {
    const none = Buffer.from('version: 1\n');
    const error = await unchanged(desk(policy(none), [none]));
    expect(error.code).toBe('STATEMENT_INVALID');
    expect(error.message).toContain('the policy is not valid');
    expect(asked).toEqual([]);
  });

  it('without a quorum opens no token and fills no disk', async () => {
    const error = await unchanged(desk(policy(bytes, mallory), [bytes]));
    expect(error.code).toBe('QUORUM_NOT_MET');
    expect(asked).toEqual([]);
    expect(await rig.ledger.getBlob(digest)).toBeNull();
  });

  it('waits while the ledger may have been rolled back', async () => {
    pending = { size: 1, root: '', contradicted: [], since: 0 };
    expect((await unchanged(desk(policy(), [bytes]))).code).toBe('LEDGER_UNAVAILABLE');
    expect(asked).toEqual([]);
  });

  it('whose keys a token does not have is not stored', async () => {
    prepare = () => Promise.reject(new ChanceryError('KEY_NOT_FOUND', 'no private key with label "x"'));
    const error = await unchanged(desk(policy(), [bytes]));
    expect(error.code).toBe('STATEMENT_INVALID');
    expect(error.message).toContain('not brought into force: KEY_NOT_FOUND');
    expect(asked.map(([what]) => what)).toEqual(['prepare']);
    expect(await rig.ledger.getBlob(digest)).toBeNull();
  });

  it('that follows one which is not durable yet opens its tokens when those of that one sign', async () => {
    const { ledger } = rig;
    const release = heldBack(ledger);
    const first = desk(policy(), [bytes]);
    await vi.waitFor(() => {
      expect(ledger.state.policy?.sha256).toBe(digest);
    });
    const second = submitNext();
    await new Promise(setImmediate);
    release();
    await Promise.all([first, second]);
    expect(asked.map(([what]) => what)).toEqual(['prepare', 'adopt prepared', 'prepare', 'adopt prepared']);
  });

  it('that follows one which was sent twice waits for the one that was accepted, not for the one refused', async () => {
    const { ledger } = rig;
    const release = heldBack(ledger);
    const envelope = policy();
    const first = desk(envelope, [bytes]);
    expect((await rejected(desk(envelope, [bytes]))).code).toBe('STATEMENT_INVALID');
    expect(ledger.state.policy?.sha256).toBe(digest);
    const second = submitNext();
    await new Promise((resolve) => setTimeout(resolve, 50));
    release();
    await Promise.all([first, second]);
    const steps = asked.map(([what]) => what).filter((what) => !what.startsWith('discard'));
    expect(steps).toEqual(['prepare', 'prepare', 'adopt prepared', 'prepare', 'adopt prepared']);
  });

  it('that another overtook while its tokens were opened is given up, and they are closed', async () => {
    const envelope = policy();
    const third = policyBytes({ signer: ORIGIN, serial: 3 });
    prepare = async () => {
      prepare = () => Promise.resolve();
      await rig.append(freeze());
      const previous = rig.path.policies.inForce(rig.ledger.state).sha256;
      await desk(signed('policy', { ...common(), serial: 3, previous, sha256: sha256Hex(third) }), [third]);
    };
    const error = await rejected(desk(envelope, [bytes]));
    expect(error.code).toBe('STATEMENT_INVALID');
    expect(error.message).toContain('is not above 3');
    expect(asked.map(([what]) => what)).toEqual(['prepare', 'prepare', 'adopt prepared', 'discard prepared']);
    expect(rig.path.policies.inForce(rig.ledger.state).sha256).toBe(sha256Hex(third));
  });
});
