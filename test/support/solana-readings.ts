import { VersionedTransaction, type VersionedMessage } from '@solana/web3.js';
import {
  decompileTransactionMessage,
  getCompiledTransactionMessageDecoder,
  getCompiledTransactionMessageEncoder,
  getTransactionDecoder,
  type Address,
  type CompiledTransactionMessage,
  type CompiledTransactionMessageWithLifetime,
} from '@solana/kit';
import * as web3next from 'web3js-1.99';
import { ChanceryError } from '../../src/core/errors.js';
import { toAddress, type Pubkey } from '../../src/core/pubkey.js';
import { resolveAccounts } from '../../src/solana/accounts.js';
import type { Message } from '../../src/solana/message.js';
import { readTransaction } from '../../src/solana/read-transaction.js';

/** What all readers of one transaction are compared on. */
export interface Reading {
  readonly version: string;
  readonly header: readonly number[];
  readonly accounts: readonly string[];
  readonly lifetime: string;
  readonly instructions: readonly { program: string; accounts: readonly number[]; data: string }[];
  readonly lookups: readonly { table: string; writable: readonly number[]; readonly: readonly number[] }[];
  readonly config?: Record<string, string>;
}

export type Tables = ReadonlyMap<Pubkey, readonly Pubkey[]>;

/** The addresses each instruction gets once the lookup tables are read, in order. */
export type Resolved = readonly (readonly string[])[];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export function ours(bytes: Uint8Array): Reading {
  const { message } = readTransaction(bytes);
  return {
    version: String(message.version),
    header: [message.signatures, message.readonlySigned, message.readonlyUnsigned],
    accounts: message.accounts.map(toAddress),
    lifetime: toAddress(message.lifetime),
    instructions: message.instructions.map((each) => ({
      program: toAddress(each.program),
      accounts: each.accounts,
      data: hex(each.data),
    })),
    lookups: message.lookups.map(({ table, writable, readonly }) => ({
      table: toAddress(table),
      writable,
      readonly,
    })),
    ...configOf(message),
  };
}

function configOf({ config }: Message): Pick<Reading, 'config'> {
  if (config === undefined) return {};
  return {
    config: Object.fromEntries(Object.entries(config).map(([name, value]) => [name, String(value)])),
  };
}

export function oursResolved(bytes: Uint8Array, tables: Tables): Resolved {
  const { message } = readTransaction(bytes);
  const accounts = resolveAccounts(message, tables);
  return message.instructions.map((each) =>
    each.accounts.map((index) => {
      const account = accounts[index] ?? null;
      return account === null ? 'unresolved' : toAddress(account);
    }),
  );
}

const KIT_CONFIG: Readonly<Record<string, string>> = {
  priorityFeeLamports: 'priorityFee',
  computeUnitLimit: 'computeUnitLimit',
  loadedAccountsDataSizeLimit: 'loadedDataLimit',
  heapSize: 'heapSize',
};

type KitMessage = CompiledTransactionMessage & CompiledTransactionMessageWithLifetime;

function kitMessage(bytes: Uint8Array): KitMessage {
  const { messageBytes } = getTransactionDecoder().decode(bytes);
  return getCompiledTransactionMessageDecoder().decode(messageBytes);
}

export function kit(bytes: Uint8Array): Reading {
  const message = kitMessage(bytes);
  const accounts = message.staticAccounts.map(String);
  const at = (index: number): string => accounts[index] ?? `none at ${String(index)}`;
  const { header } = message;
  const instructions =
    message.version === 1
      ? message.instructionPayloads.map((payload, index) => ({
          program: at(message.instructionHeaders[index]?.programAccountIndex ?? -1),
          accounts: [...payload.instructionAccountIndices],
          data: hex(Uint8Array.from(payload.instructionData)),
        }))
      : message.instructions.map((each) => ({
          program: at(each.programAddressIndex),
          accounts: [...(each.accountIndices ?? [])],
          data: hex(Uint8Array.from(each.data ?? [])),
        }));
  return {
    version: String(message.version),
    header: [header.numSignerAccounts, header.numReadonlySignerAccounts, header.numReadonlyNonSignerAccounts],
    accounts,
    lifetime: message.lifetimeToken,
    instructions,
    lookups:
      message.version === 0
        ? (message.addressTableLookups ?? []).map((lookup) => ({
            table: lookup.lookupTableAddress,
            writable: [...lookup.writableIndexes],
            readonly: [...lookup.readonlyIndexes],
          }))
        : [],
    ...(message.version === 1 ? { config: kitConfig(message.configMask, message.configValues) } : {}),
  };
}

/** Kit keeps the values in the order of the mask's bits. */
function kitConfig(
  mask: number,
  values: readonly { readonly value: bigint | number }[],
): Record<string, string> {
  const names = [
    ...((mask & 3) === 3 ? ['priorityFeeLamports'] : []),
    ...((mask & 4) === 0 ? [] : ['computeUnitLimit']),
    ...((mask & 8) === 0 ? [] : ['loadedAccountsDataSizeLimit']),
    ...((mask & 16) === 0 ? [] : ['heapSize']),
  ];
  return Object.fromEntries(
    names.map((name, index) => [KIT_CONFIG[name] ?? name, String(values[index]?.value)]),
  );
}

/** What kit encodes of what kit decoded: an encoder that is not ours, for all three versions. */
export function kitAgain(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(getCompiledTransactionMessageEncoder().encode(kitMessage(bytes)));
}

export function kitResolved(bytes: Uint8Array, tables: Tables): Resolved {
  const addressesByLookupTableAddress = Object.fromEntries(
    [...tables].map(([table, contents]) => [
      toAddress(table),
      contents.map((account) => toAddress(account) as string as Address),
    ]),
  );
  const message = decompileTransactionMessage(kitMessage(bytes), { addressesByLookupTableAddress });
  const instructions: readonly { readonly accounts?: readonly { readonly address: string }[] }[] =
    message.instructions;
  return instructions.map(({ accounts }) => (accounts ?? []).map(({ address }) => address));
}

/** @solana/web3.js 1.98. */
export function web3(bytes: Uint8Array): Reading {
  return ofWeb3(VersionedTransaction.deserialize(bytes).message);
}

/** @solana/web3.js 1.99, which reads version 1 too. */
export function web3v1(bytes: Uint8Array): Reading {
  const { message } = web3next.VersionedTransaction.deserialize(bytes);
  const reading = ofWeb3(message);
  if (!('transactionConfig' in message)) return reading;
  const { priorityFee, computeUnitLimit, loadedAccountsDataSizeLimit, heapSize } = message.transactionConfig;
  const config = { priorityFee, computeUnitLimit, loadedDataLimit: loadedAccountsDataSizeLimit, heapSize };
  const set = Object.entries(config).filter(([, value]) => value !== null);
  return { ...reading, config: Object.fromEntries(set.map(([name, value]) => [name, String(value)])) };
}

function ofWeb3(message: VersionedMessage | web3next.VersionedMessage): Reading {
  const { header } = message;
  return {
    version: String(message.version),
    header: [
      header.numRequiredSignatures,
      header.numReadonlySignedAccounts,
      header.numReadonlyUnsignedAccounts,
    ],
    accounts: message.staticAccountKeys.map((account) => account.toBase58()),
    lifetime: message.recentBlockhash,
    instructions: message.compiledInstructions.map((each) => ({
      program: message.staticAccountKeys[each.programIdIndex]?.toBase58() ?? 'none',
      accounts: each.accountKeyIndexes,
      data: hex(each.data),
    })),
    lookups: message.addressTableLookups.map((lookup) => ({
      table: lookup.accountKey.toBase58(),
      writable: lookup.writableIndexes,
      readonly: lookup.readonlyIndexes,
    })),
  };
}

export function web3Resolved(bytes: Uint8Array, tables: Tables): Resolved {
  const { message } = web3next.VersionedTransaction.deserialize(bytes);
  const addressLookupTableAccounts = [...tables].map(
    ([table, contents]) =>
      new web3next.AddressLookupTableAccount({
        key: new web3next.PublicKey(toAddress(table)),
        state: {
          deactivationSlot: 2n ** 64n - 1n,
          lastExtendedSlot: 0,
          lastExtendedSlotStartIndex: 0,
          addresses: contents.map((account) => new web3next.PublicKey(toAddress(account))),
        },
      }),
  );
  const keys =
    message.version === 0 ? message.getAccountKeys({ addressLookupTableAccounts }) : message.getAccountKeys();
  return message.compiledInstructions.map((each) =>
    each.accountKeyIndexes.map((index) => keys.get(index)?.toBase58() ?? 'unresolved'),
  );
}

export function attempt<T>(read: () => T): { value: T; error: '' } | { value: undefined; error: string } {
  try {
    return { value: read(), error: '' };
  } catch (error) {
    const message = error instanceof ChanceryError ? (error.failures[0]?.message ?? '') : String(error);
    return { value: undefined, error: message };
  }
}
