const TOLD = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Of the work under way: what is begun within it is broken off with it. */
let underWay: AbortSignal | null = null;

/**
 * Does work that leaves something behind when it stops half way. A process that is told to end meanwhile ends by that very
 * signal, so that shells and scripts see what happened, but only when the work, which hears of it, has tidied up. Told
 * again it ends at once.
 */
export async function tidyEnd<Result>(work: (told: AbortSignal) => Promise<Result>): Promise<Result> {
  if (underWay !== null) return await work(underWay);
  const told = new AbortController();
  const heard: NodeJS.Signals[] = [];
  const end = (signal: NodeJS.Signals): void => {
    for (const name of TOLD) process.off(name, hear);
    process.kill(process.pid, signal);
  };
  const hear = (signal: NodeJS.Signals): void => {
    if (heard.push(signal) > 1) end(signal);
    told.abort();
  };
  for (const name of TOLD) process.on(name, hear);
  underWay = told.signal;
  try {
    return await work(told.signal);
  } finally {
    underWay = null;
    const [first] = heard;
    if (first === undefined) for (const name of TOLD) process.off(name, hear);
    else end(first);
  }
}
