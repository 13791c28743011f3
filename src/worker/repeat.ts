// Work of this process at an interval: what puts jobs on the queue.

/** Runs `work` now and at each interval, never twice at once; gives what stops it and waits for a run under way. */
export function repeat(
  intervalMs: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let isRunning = false
  let running = Promise.resolve()
  const run = () => {
    if (isRunning) return
    isRunning = true
    running = work()
      .catch(onError)
      .finally(() => {
        isRunning = false
      })
  }
  run()
  const timer = setInterval(run, intervalMs)
  return async () => {
    clearInterval(timer)
    await running
  }
}
