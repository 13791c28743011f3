// The service killed with SIGKILL in the middle of a push, again and again.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { checkAll, checkRows } from './support/consistency.ts'
import { Figures } from './support/figures.ts'
import { startFaultyPostgres } from './support/postgres.ts'
import { Push } from './support/push.ts'
import { setUp, startService } from './support/scene.ts'
import { Sender } from './support/sender.ts'
import { sized } from './support/size.ts'

const PEOPLE = sized(1000, 100)
const KILLS = sized(6, 2)
const WORKERS = 12

test('A2 E4 a service that is killed in the middle of a push loses nothing and leaves nothing half done', async () => {
  const figures = new Figures('The service killed with SIGKILL')
  const postgres = await startFaultyPostgres()
  const url = postgres.url('postgres')
  let service = await startService(url)
  try {
    const scene = await setUp(service, figures, { premium: 15, standard: 20 })
    const push = new Push(scene, 'p', PEOPLE)
    for (let kills = 0; kills < KILLS; kills += 1) {
      let isKilled = false
      const sender = new Sender(service.origin, scene.directoryToken, figures)
      const pushing = push.run(sender, WORKERS, () => isKilled)
      const enough = push.done + (PEOPLE * 3) / (KILLS + 1)
      await expect.poll(() => push.done >= enough || push.isDone, { timeout: 60_000, interval: 5 }).toBe(true)
      await sleep(Math.random() * 50)
      isKilled = true
      await service.end('SIGKILL')
      await pushing
      await sender.close()
      expect(push.isDone).toBe(false)
      // what a killed process was at, PostgreSQL ends by itself
      await expect.poll(() => writersOf(postgres), { timeout: 20_000 }).toBe(0)
      await push.check(postgres, 'postgres', figures)
      await checkRows(postgres, 'postgres', figures)
      service = await startService(url)
    }
    const sender = new Sender(service.origin, scene.directoryToken, figures)
    await push.run(sender, WORKERS)
    await sender.close()
    await push.check(postgres, 'postgres', figures)
    await checkAll(postgres, 'postgres', scene, service.origin, figures)
    figures.note(`${KILLS} kills`)
  } finally {
    figures.print()
    await service.end('SIGKILL')
    await postgres.remove()
  }
  expect(figures).toMatchObject({ lost: [], inconsistencies: [], wrongAnswers: [] })
  expect(figures.acknowledged).toBeGreaterThan(PEOPLE * 3)
})

async function writersOf(postgres: Awaited<ReturnType<typeof startFaultyPostgres>>): Promise<number> {
  const rows = await postgres.query<{ pid: number }>(
    'postgres',
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
  )
  return rows.length
}
