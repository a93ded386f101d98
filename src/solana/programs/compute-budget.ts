import { refused, type Call, type Finding } from './call.js';

/** Tag u8; 1 heap u32, 2 unit limit u32, 3 unit price u64, 4 loaded data u32. */
const LAYOUTS: Readonly<Record<number, { readonly name: string; readonly length: number }>> = {
  1: { name: 'RequestHeapFrame', length: 5 },
  2: { name: 'SetComputeUnitLimit', length: 5 },
  3: { name: 'SetComputeUnitPrice', length: 9 },
  4: { name: 'SetLoadedAccountsDataSizeLimit', length: 5 },
};

/**
 * Costs only through the fee, which `feeBound` reads from the whole message. The chain accepts trailing bytes
 * and extra accounts; here they are refused, because no honest encoder makes them.
 */
export function readComputeBudget(call: Call): Finding {
  const tag = call.data[0];
  const layout = tag === undefined ? undefined : LAYOUTS[tag];
  if (layout === undefined) return refused(call, null, 'unknown compute budget instruction');
  if (call.data.length !== layout.length)
    return refused(call, layout.name, `${layout.name} has the wrong length`);
  if (call.accounts.length > 0) return refused(call, layout.name, `${layout.name} takes no accounts`);
  const view = new DataView(call.data.buffer, call.data.byteOffset, call.data.length);
  return {
    name: layout.name,
    details: () => [['value', (tag === 3 ? view.getBigUint64(1, true) : view.getUint32(1, true)).toString()]],
  };
}
