/** The ledger's own newest checkpoint, if it has one. */
export const CHECKPOINT_FILE = 'checkpoint';
/** The newest that a quorum of witnesses cosigned, if there are witnesses. */
export const COSIGNED_FILE = 'cosigned';
