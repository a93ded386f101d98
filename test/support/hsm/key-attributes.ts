/** Attribute values as a module gives them; null: the token does not know the attribute. */
export type Attributes = Readonly<Record<number, Buffer | null>>;

export const TRUE = Buffer.from([1]);
export const FALSE = Buffer.from([0]);

/** A CK_ULONG as memory holds it. */
export function ulong(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** A private key that every check passes, by the numbers of PKCS#11; of the powers it must not have, none is known. */
export const SOUND_KEY: Attributes = {
  0x0: ulong(3),
  0x100: ulong(0x40),
  0x1: TRUE,
  0x2: TRUE,
  0x103: TRUE,
  0x162: FALSE,
  0x165: TRUE,
  0x164: TRUE,
  0x163: TRUE,
  0x166: ulong(0x1055),
  0x108: TRUE,
};
