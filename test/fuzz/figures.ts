// What a run counts: inputs by kind, statuses, times.

/** What takes longer is told. */
const SLOW_MS = 2000

interface Slow {
  readonly ms: number
  readonly what: string
}

interface Line {
  inputs: number
  readonly statuses: Map<string, number>
  readonly times: number[]
  slowest: Slow
}

export class Figures {
  readonly #lines = new Map<string, Line>()

  count(kind: string, status: string, ms: number, what: string): void {
    const line: Line = this.#lines.get(kind) ?? {
      inputs: 0,
      statuses: new Map(),
      times: [],
      slowest: { ms: 0, what: '' },
    }
    this.#lines.set(kind, line)
    line.inputs += 1
    line.statuses.set(status, (line.statuses.get(status) ?? 0) + 1)
    line.times.push(ms)
    if (ms > line.slowest.ms) line.slowest = { ms, what }
  }

  inputs(): Record<string, number> {
    return Object.fromEntries([...this.#lines].map(([kind, { inputs }]) => [kind, inputs]))
  }

  total(): number {
    return [...this.#lines.values()].reduce((sum, { inputs }) => sum + inputs, 0)
  }

  text(): string {
    return [...this.#lines].map(([kind, line]) => lineText(kind, line)).join('\n')
  }
}

function lineText(kind: string, { inputs, statuses, times, slowest }: Line): string {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(2)
  const over = times.filter((ms) => ms > SLOW_MS).length
  const counts = [...statuses]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([status, count]) => `${status} ×${count}`)
  return [
    `${kind}: ${inputs} inputs; ${counts.join(', ')}`,
    `    median ${at(0.5)} ms, 99 % ${at(0.99)} ms, ${over} over ${SLOW_MS} ms, slowest ${slowest.ms.toFixed(0)} ms: ${slowest.what.slice(0, 160)}`,
  ].join('\n')
}
