import { z } from 'zod';

/** An attestation as it stands in a snapshot: the record itself. */
export const savedAttestation = z.strictObject({
  id: z.string(),
  workload: z.string(),
  keys: z.array(z.strictObject({ id: z.string(), publicKey: z.string() })).readonly(),
  issuedAt: z.int(),
  expiresAt: z.int(),
  epoch: z.int(),
  sequence: z.int(),
  possession: z.string().exactOptional(),
  challenge: z.strictObject({ size: z.int(), root: z.string(), time: z.int() }).exactOptional(),
  scope: z
    .strictObject({
      limits: z
        .array(z.strictObject({ asset: z.string(), perTransaction: z.string() }))
        .readonly()
        .exactOptional(),
      programs: z.array(z.string()).readonly().exactOptional(),
      destinations: z.array(z.string()).readonly().exactOptional(),
      uses: z.int().exactOptional(),
      message: z.string().exactOptional(),
    })
    .exactOptional(),
  used: z.int(),
  revoked: z.string().nullable(),
});
