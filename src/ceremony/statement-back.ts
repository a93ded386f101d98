/**
 * How the signature file of the policy in force is had again. Signing anew is no way: it makes another statement, which
 * the serial in force keeps out.
 */
export const STATEMENT_BACK =
  'put it back from the ledger: `chancery ledger export --type policy | tail -n 1 | jq .statement`';
