import { fileURLToPath } from 'node:url';

/** The compiled PKCS#11 host process, beside this file in dist/. */
export const HOST_SCRIPT = fileURLToPath(new URL('../hsm/pkcs11/host-main.js', import.meta.url));
