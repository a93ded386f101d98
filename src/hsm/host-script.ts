import { fileURLToPath } from 'node:url';

/** The compiled PKCS#11 host process: in dist/, where this file is run from. */
export const HOST_SCRIPT = fileURLToPath(new URL('./pkcs11/host-main.js', import.meta.url));
