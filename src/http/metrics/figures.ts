// What the database says, the same in every process on it: to be combined by `max`, never summed over processes.
import { Gauge, type Registry } from 'prom-client'
import type { Reading } from '../../services/figures.ts'

type Figures = Reading['figures']
type Labels = Readonly<Record<string, string>>
type Sample = readonly [value: number, labels?: Labels]

interface FigureMetric {
  readonly name: string
  readonly help: string
  readonly labelNames?: readonly string[]
  readonly samples: (figures: Figures) => readonly Sample[]
}

const toSeconds = (time: Date) => time.getTime() / 1000

const ofOrganizations: readonly FigureMetric[] = [
  {
    name: 'rollcall_organizations',
    help: 'Organizations that there are.',
    samples: ({ counts }) => [[counts.organizations]],
  },
  {
    name: 'rollcall_members',
    help: 'People of each organization who are members, or wait to be.',
    labelNames: ['organization_id', 'status'],
    samples: ({ organizations }) =>
      organizations.flatMap(({ id, active, waiting }): Sample[] => [
        [active, { organization_id: id, status: 'active' }],
        [waiting, { organization_id: id, status: 'waiting' }],
      ]),
  },
  {
    name: 'rollcall_members_awaiting_seat',
    help: 'Who waits for a seat: people who are no members for want of one, and members who wait for another one.',
    labelNames: ['organization_id'],
    samples: ({ organizations }) =>
      organizations.map(({ id, awaitingSeat }): Sample => [awaitingSeat, { organization_id: id }]),
  },
  {
    name: 'rollcall_held_removals',
    help: 'Members whose removal the brake holds, until an administrator decides.',
    labelNames: ['organization_id'],
    samples: ({ organizations }) =>
      organizations.map(({ id, heldRemovals }): Sample => [heldRemovals, { organization_id: id }]),
  },
  {
    name: 'rollcall_seats_assigned',
    help: 'Seats that members are on.',
    labelNames: ['organization_id', 'seat_type'],
    samples: ({ seats }) =>
      seats.map(
        (seat): Sample => [seat.assigned, { organization_id: seat.organizationId, seat_type: seat.seatType }],
      ),
  },
  {
    name: 'rollcall_seats_purchased',
    help: 'Seats that were purchased; no sample where they are unlimited.',
    labelNames: ['organization_id', 'seat_type'],
    samples: ({ seats }) =>
      seats.flatMap(({ organizationId, seatType, purchased }): Sample[] =>
        purchased === null ? [] : [[purchased, { organization_id: organizationId, seat_type: seatType }]],
      ),
  },
]

const ofDirectories: readonly FigureMetric[] = [
  {
    name: 'rollcall_directories',
    help: 'Directories that there are.',
    samples: ({ counts }) => [[counts.directories]],
  },
  {
    name: 'rollcall_directory_last_request_timestamp_seconds',
    help: 'When the identity provider of a directory was last heard of, to the minute.',
    labelNames: ['directory_id'],
    samples: ({ directories }) => timesOf(directories, 'lastRequestAt'),
  },
  {
    name: 'rollcall_directory_last_write_timestamp_seconds',
    help: 'When a user or group of a directory last changed; that one was deleted does not show.',
    labelNames: ['directory_id'],
    samples: ({ directories }) => timesOf(directories, 'lastWriteAt'),
  },
]

function timesOf(directories: Figures['directories'], which: 'lastRequestAt' | 'lastWriteAt'): Sample[] {
  return directories.flatMap((directory): Sample[] => {
    const time = directory[which]
    return time === null ? [] : [[toSeconds(time), { directory_id: directory.id }]]
  })
}

const ofQueues: readonly FigureMetric[] = [
  {
    name: 'rollcall_jobs_due',
    help: 'Background jobs that are due and not begun.',
    labelNames: ['queue'],
    samples: ({ queues }) => queues.map(({ queue, due }): Sample => [due, { queue }]),
  },
  {
    name: 'rollcall_jobs_oldest_due_seconds',
    help: 'For how long the oldest of the background jobs that are not begun has been due.',
    labelNames: ['queue'],
    samples: ({ queues }) =>
      queues.map(({ queue, oldestDueSeconds }): Sample => [oldestDueSeconds, { queue }]),
  },
  {
    name: 'rollcall_event_lag_events',
    help: 'How far behind the newest event is what can be read of the log, and the endpoint of webhooks that is last.',
    labelNames: ['reader'],
    samples: ({ lags }) => [
      [lags.log.events, { reader: 'log' }],
      [lags.webhooks.events, { reader: 'webhooks' }],
    ],
  },
  {
    name: 'rollcall_event_lag_seconds',
    help: 'The age of the first event that cannot be read yet, or has no webhook yet.',
    labelNames: ['reader'],
    samples: ({ lags }) => [
      [lags.log.seconds, { reader: 'log' }],
      [lags.webhooks.seconds, { reader: 'webhooks' }],
    ],
  },
]

const ofWebhooks: readonly FigureMetric[] = [
  {
    name: 'rollcall_webhook_endpoints',
    help: 'Endpoints that are enabled, disabled by an administrator, or disabled as gone or failing.',
    labelNames: ['state'],
    samples: ({ endpointStates }) => {
      const counts = new Map(endpointStates.map(({ state, count }) => [state, count]))
      const states = ['enabled', 'disabled', 'gone', 'failing']
      return states.map((state): Sample => [counts.get(state) ?? 0, { state }])
    },
  },
  {
    name: 'rollcall_webhook_deliveries',
    help: 'Deliveries that are not made: pending, or dead after their last attempt.',
    labelNames: ['endpoint_id', 'state'],
    samples: ({ endpoints }) =>
      endpoints.flatMap(({ id, pending, dead }): Sample[] => [
        [pending, { endpoint_id: id, state: 'pending' }],
        [dead, { endpoint_id: id, state: 'dead' }],
      ]),
  },
  {
    name: 'rollcall_webhook_oldest_pending_seconds',
    help: 'The age of the oldest event whose delivery is pending.',
    labelNames: ['endpoint_id'],
    samples: ({ endpoints }) =>
      endpoints.map(({ id, oldestPendingSeconds }): Sample => [oldestPendingSeconds, { endpoint_id: id }]),
  },
  {
    name: 'rollcall_webhook_consecutive_failures',
    help: 'Attempts that failed since the last one that did not.',
    labelNames: ['endpoint_id'],
    samples: ({ endpoints }) =>
      endpoints.map(({ id, consecutiveFailures }): Sample => [consecutiveFailures, { endpoint_id: id }]),
  },
]

const metrics = [...ofOrganizations, ...ofDirectories, ...ofQueues, ...ofWebhooks]

/** Gives what takes over a reading: without one, there are no samples and the database is down. */
export function figureMetrics(registry: Registry): (reading: Reading | null) => void {
  const registers = [registry]
  const up = new Gauge({
    name: 'rollcall_database_up',
    help: 'Whether the database said in time what is read of it: 1, or 0.',
    registers,
  })
  const readAt = new Gauge({
    name: 'rollcall_figures_timestamp_seconds',
    help: 'As of when the figures of the database are.',
    registers,
  })
  const gauges = metrics.map(({ name, help, labelNames = [], samples }) => {
    const gauge = new Gauge({ name, help, labelNames: [...labelNames], registers })
    return { gauge, samples, isLabelled: labelNames.length > 0 }
  })
  return (reading) => {
    up.set(reading === null ? 0 : 1)
    if (reading !== null) readAt.set(toSeconds(reading.at))
    for (const { gauge, samples, isLabelled } of gauges) {
      gauge.reset()
      // to prom-client, one without labels is 0 then
      if (!isLabelled) gauge.remove({})
      for (const [value, labels = {}] of reading === null ? [] : samples(reading.figures))
        gauge.set(labels, value)
    }
  }
}
