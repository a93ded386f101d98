/** A way in which an agent can ask. */
export interface Way {
  readonly name: string;
  readonly over: 'websocket' | 'http' | 'library';
  readonly method: 'signTransaction' | 'batch' | 'signTransactions';
  /** Signatures asked for in one message. */
  readonly size: number;
}

export const WAYS: readonly Way[] = [
  { name: 'websocket', over: 'websocket', method: 'signTransaction', size: 1 },
  { name: 'websocket, batch of 8', over: 'websocket', method: 'batch', size: 8 },
  { name: 'signTransactions of 1', over: 'websocket', method: 'signTransactions', size: 1 },
  { name: 'signTransactions of 8', over: 'websocket', method: 'signTransactions', size: 8 },
  { name: 'signTransactions of 32', over: 'websocket', method: 'signTransactions', size: 32 },
  { name: 'http', over: 'http', method: 'signTransaction', size: 1 },
  { name: 'http, batch of 8', over: 'http', method: 'batch', size: 8 },
  { name: 'library', over: 'library', method: 'signTransaction', size: 1 },
];

export function wayNamed(name: string): Way {
  const way = WAYS.find((candidate) => candidate.name === name);
  if (way === undefined) throw new Error(`no way ${name}`);
  return way;
}
