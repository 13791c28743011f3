// Requests as an identity provider or an administrator sends them, each within a bound; what comes back is counted.
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, type Dispatcher, request } from 'undici'
import type { Figures } from './figures.ts'

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** The longest that anything may take to be answered, an outage included: 10 s for a connection, twice, and some. */
const BOUND_MS = 30_000
/** Sooner than Retry-After says: a client that is more eager than it should be. */
const REPEAT_MS = 100

export class Sender {
  readonly #origin: string
  readonly #token: string
  readonly #figures: Figures
  readonly #boundMs: number
  readonly #agent: Agent

  constructor(origin: string, token: string, figures: Figures, boundMs = BOUND_MS) {
    this.#origin = origin
    this.#token = token
    this.#figures = figures
    this.#boundMs = boundMs
    this.#agent = new Agent({ pipelining: 1, headersTimeout: boundMs, bodyTimeout: boundMs })
  }

  /** Null where the connection was lost: what came of the request is not known. */
  async send(
    method: Dispatcher.HttpMethod,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer | null> {
    const figures = this.#figures
    figures.sent += 1
    const begin = performance.now()
    try {
      const answer = await request(`${this.#origin}${path}`, {
        dispatcher: this.#agent,
        method,
        headers: {
          ...headers,
          authorization: `Bearer ${this.#token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.body.text()
      const ms = performance.now() - begin
      figures.slowestMs = Math.max(figures.slowestMs, ms)
      this.#judge(`${method} ${path}`, answer.statusCode, answer.headers['retry-after'], text)
      return { status: answer.statusCode, body: text === '' ? {} : JSON.parse(text) }
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      const ms = performance.now() - begin
      if (ms >= this.#boundMs)
        figures.wrongAnswers.push(`${method} ${path}: none within ${Math.round(ms)} ms`)
      figures.failed(`connection lost (${reason})`)
      return null
    }
  }

  #judge(what: string, status: number, retryAfter: string | string[] | undefined, text: string): void {
    if (status < 300) {
      this.#figures.acknowledged += 1
      return
    }
    this.#figures.failed(String(status))
    const isOutage = status === 503 && /^\d+$/.test(String(retryAfter))
    if (status < 500 || isOutage) return
    this.#figures.wrongAnswers.push(`${what}: ${status} retry-after ${retryAfter} ${text.slice(0, 300)}`)
  }

  /** Sends it until it is neither refused for the moment nor lost, or until `isOver`: then null. */
  async insist(
    method: Dispatcher.HttpMethod,
    path: string,
    body: object | undefined,
    isOver: () => boolean,
  ): Promise<{ readonly answer: Answer; readonly isRepeated: boolean } | null> {
    for (let isRepeated = false; !isOver(); isRepeated = true) {
      const answer = await this.send(method, path, body)
      if (answer !== null && answer.status !== 503) return { answer, isRepeated }
      await sleep(REPEAT_MS)
    }
    return null
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }
}
