// Imported before the daemon: its standard error is a file on a full disk.
import { closeSync, openSync } from 'node:fs';

closeSync(2);
openSync('/dev/full', 'w');
