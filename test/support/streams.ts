// Server-sent events as a client reads them, one at a time.

export interface ServerSentEvent {
  readonly id: string | null
  readonly event: string | null
  readonly data: string | null
}

export interface EventStream {
  readonly headers: Headers
  /** the next event, or null where the stream has ended */
  next(): Promise<ServerSentEvent | null>
  cancel(): Promise<void>
}

export async function streamOf(url: string, headers: Record<string, string>): Promise<EventStream> {
  const answer = await fetch(url, { headers: { accept: 'text/event-stream', ...headers } })
  if (answer.status !== 200 || answer.body === null) throw new Error(`${url} answered ${answer.status}`)
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    headers: answer.headers,
    async next() {
      while (!text.includes('\n\n')) {
        const { done, value } = await reader.read()
        if (done) return null
        text += value
      }
      const end = text.indexOf('\n\n')
      const block = text.slice(0, end)
      text = text.slice(end + 2)
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null
      return { id: field('id'), event: field('event'), data: field('data') }
    },
    cancel: () => reader.cancel(),
  }
}
