import type { AuthorizationBody, Entry, EntryBody, EntryHead, SignatureBody } from './entries.js';

/** Every field of an entry of this kind: the compiler says when one is forgotten below. */
type Whole<Body> = { readonly [Field in keyof (EntryHead & Body)]-?: unknown };

/**
 * An entry of its head and body. The two kinds that every signature writes are put together with their keys in order,
 * so that `encodeEntry` need not copy them; a field that is absent is `undefined` there, and in no text.
 */
export function entryOf(body: EntryBody, head: EntryHead): Entry {
  if (body.type === 'authorization') return authorization(body, head) as unknown as Entry;
  if (body.type === 'signature') return signature(body, head) as unknown as Entry;
  return { ...body, ...head };
}

function authorization(body: AuthorizationBody, head: EntryHead): Whole<AuthorizationBody> {
  return {
    approval: body.approval,
    attestation: body.attestation,
    batch: head.batch,
    counted: body.counted,
    effects: body.effects,
    fee: body.fee,
    key: body.key,
    message: body.message,
    peer: body.peer,
    policy: body.policy,
    previous: head.previous,
    publicKey: body.publicKey,
    purpose: body.purpose,
    repeats: body.repeats,
    request: body.request,
    sequence: head.sequence,
    time: head.time,
    type: body.type,
    workload: body.workload,
  };
}

function signature(body: SignatureBody, head: EntryHead): Whole<SignatureBody> {
  return {
    authorization: body.authorization,
    batch: head.batch,
    previous: head.previous,
    sequence: head.sequence,
    signature: body.signature,
    time: head.time,
    type: body.type,
  };
}
