const TOLD = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Does work that leaves something behind when it stops half way. A process that is told to end meanwhile ends by that
 * very signal, so that shells and scripts see what happened, but only when the work, which hears of it, has tidied up.
 * Told again it ends at once. Work within such work takes its signal: two would each end the process for itself.
 */
export async function tidyEnd<Result>(work: (told: AbortSignal) => Promise<Result>): Promise<Result> {
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
  try {
    return await work(told.signal);
  } finally {
    const [first] = heard;
    if (first === undefined) for (const name of TOLD) process.off(name, hear);
    else end(first);
  }
}
