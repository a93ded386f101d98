/** CKA_EC_POINT as tokens return it: raw, an OCTET STRING, or a BIT STRING around the 32 bytes; null for the rest. */
export function decodeEcPoint(value: Uint8Array): Uint8Array | null {
  if (value.length === 32) return Uint8Array.from(value);
  if (value.length === 34 && value[0] === 0x04 && value[1] === 0x20)
    return Uint8Array.from(value.subarray(2));
  if (value.length === 35 && value[0] === 0x03 && value[1] === 0x21 && value[2] === 0x00) {
    return Uint8Array.from(value.subarray(3));
  }
  return null;
}

/** As C_CreateObject wants it: DER. SoftHSM accepts the raw bytes and then fails to verify. */
export function encodeEcPoint(publicKey: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0x04, 0x20]), publicKey]);
}
