// What is printed, and what `--json` writes.
import { writeFile } from 'node:fs/promises'
import { WORKERS } from './operations/operation.ts'

/** One operation as `--json` tells it. */
export interface Result {
  readonly operation: string
  readonly ratio: number
  readonly requestsPerSecond: number
  readonly floorRequestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpuMsPerRequest: number
  readonly statements: number
}

export interface Line extends Result {
  readonly title: string
  readonly target: number
  readonly floorCpuMsPerRequest: number
  readonly floorStatements: number
}

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** Columns that are as wide as their widest cell; the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')
  return rows.map((row) => line(row).trimEnd()).join('\n')
}

const heads = [
  'operation',
  'ratio',
  'at least',
  'req/s',
  'floor',
  'p50 ms',
  'p99 ms',
  'CPU ms',
  'floor',
  'SQL',
  'floor',
]

export const lineTable = (lines: readonly Line[]): string =>
  `${table([heads, ...lines.map(cells)])}

${WORKERS} requests in parallel. req/s, CPU ms (of the process, per request) and SQL (round trips to PostgreSQL per request)
are the service's, each beside the floor's. A ratio below what it must be has a mark.`

function cells(line: Line): string[] {
  const { ratio, target } = line
  return [
    `${line.title} (${line.operation})`,
    `${ratio < target ? '! ' : ''}${ratio.toFixed(2)}`,
    target.toFixed(1),
    rounded(line.requestsPerSecond),
    rounded(line.floorRequestsPerSecond),
    line.p50Ms.toFixed(2),
    line.p99Ms.toFixed(2),
    line.cpuMsPerRequest.toFixed(2),
    line.floorCpuMsPerRequest.toFixed(2),
    counted(line.statements),
    counted(line.floorStatements),
  ]
}

/** Three digits are as many as mean anything. */
export const rounded = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : value.toPrecision(3)

const counted = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1))

export async function writeJson(file: string, lines: readonly Line[]): Promise<void> {
  const results = lines.map(
    (line): Result => ({
      operation: line.operation,
      ratio: line.ratio,
      requestsPerSecond: line.requestsPerSecond,
      floorRequestsPerSecond: line.floorRequestsPerSecond,
      p50Ms: line.p50Ms,
      p99Ms: line.p99Ms,
      cpuMsPerRequest: line.cpuMsPerRequest,
      statements: line.statements,
    }),
  )
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`)
}
