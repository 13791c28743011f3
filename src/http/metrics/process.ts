// What this process alone knows: its decisions, the tolerances that requests needed, its connections to the database.
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Services } from '../../services/index.ts'

export function buildMetrics(registry: Registry, version: string): void {
  new Gauge({
    name: 'rollcall_build_info',
    help: 'Always 1: its label says which version runs.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1)
}

export function processMetrics(
  registry: Registry,
  { figures, tolerances }: Pick<Services, 'figures' | 'tolerances'>,
): void {
  const registers = [registry]
  new Counter({
    name: 'rollcall_evaluator_decisions_total',
    help: 'Decisions of the evaluator that were carried out and committed, by kind and by what decided.',
    labelNames: ['kind', 'reason'],
    registers,
    collect() {
      this.reset()
      for (const { kind, reason, count } of figures.decisions()) this.inc({ kind, reason }, count)
    },
  })
  new Counter({
    name: 'rollcall_tolerances_total',
    help: 'How often requests needed a tolerance of what identity providers get wrong.',
    labelNames: ['tolerance'],
    registers,
    collect() {
      this.reset()
      for (const [tolerance, count] of tolerances.totals()) this.inc({ tolerance }, count)
    },
  })
  new Gauge({
    name: 'rollcall_database_pool_connections',
    help: 'Connections to the database that are open.',
    labelNames: ['state'],
    registers,
    collect() {
      const { busy, idle } = figures.pool()
      this.set({ state: 'busy' }, busy)
      this.set({ state: 'idle' }, idle)
    },
  })
  new Gauge({
    name: 'rollcall_database_pool_max_connections',
    help: 'The most connections to the database that this process opens.',
    registers,
    collect() {
      this.set(figures.pool().most)
    },
  })
  new Gauge({
    name: 'rollcall_database_pool_waiting',
    help: 'What waits for a connection to the database.',
    registers,
    collect() {
      this.set(figures.pool().waiting)
    },
  })
}
