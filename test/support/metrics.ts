// Metrics as Prometheus reads them: the text format, in as much as it is used.
import type { TestApp } from './app.ts'
import { answered } from './provisioning.ts'

export interface ReadMetrics {
  /** of each metric its type, by its name */
  readonly types: ReadonlyMap<string, string>
  /** the value of the sample with this name and these labels; undefined where there is none */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined
  /** the names of all samples */
  readonly samples: ReadonlySet<string>
  /** the labels that samples of this name have */
  labels(name: string): readonly string[]
}

export function parseMetrics(text: string): ReadMetrics {
  const types = new Map(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]),
  )
  const values = new Map<string, number>()
  const samples = new Map<string, readonly string[]>()
  for (const [, name = '', labels = '', value = ''] of text.matchAll(/^([a-z_:]\w*)(?:\{(.*)\})? (\S+)$/gm)) {
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', held = '']) => [
      key,
      held,
    ])
    samples.set(
      name,
      pairs.map(([key = '']) => key),
    )
    values.set(keyOf(name, Object.fromEntries(pairs)), Number(value.replace('Inf', 'Infinity')))
  }
  return {
    types,
    samples: new Set(samples.keys()),
    labels: (name) => samples.get(name) ?? [],
    value: (name, labels = {}) => values.get(keyOf(name, labels)),
  }
}

const keyOf = (name: string, labels: Readonly<Record<string, string>>) =>
  JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))])

export const METRICS_TOKEN = 'a-token-of-the-metrics-for-tests'

export async function readMetrics({ http }: TestApp): Promise<ReadMetrics> {
  const request = http.get('/metrics').set('Authorization', `Bearer ${METRICS_TOKEN}`)
  return parseMetrics((await answered(request, 200)).text)
}
