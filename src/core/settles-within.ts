/** Whether `work` ends, well or badly, within `ms` milliseconds. It goes on when it does not. */
export async function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      resolve(false);
    }, ms);
  });
  const ended = (): boolean => true;
  const settled = await Promise.race([work.then(ended, ended), late]);
  clearTimeout(timer);
  return settled;
}
