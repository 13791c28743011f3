// What a scenario did and what came of it, as one line: sent, acknowledged, failed and how, lost, inconsistencies.

export class Figures {
  readonly #scenario: string
  readonly #outcomes = new Map<string, number>()
  readonly #notes: string[] = []
  sent = 0
  acknowledged = 0
  slowestMs = 0
  /** acknowledged, and not there afterwards */
  readonly lost: string[] = []
  readonly inconsistencies: string[] = []
  /** answers that no client may get: 5xx but 503, a 503 without Retry-After, none within the bound */
  readonly wrongAnswers: string[] = []

  constructor(scenario: string) {
    this.#scenario = scenario
  }

  /** A request that was not acknowledged, by what it got in place of that. */
  failed(outcome: string): void {
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1)
  }

  count(outcome: string): number {
    return this.#outcomes.get(outcome) ?? 0
  }

  note(text: string): void {
    this.#notes.push(text)
  }

  print(): void {
    const outcomes = [...this.#outcomes].map(([outcome, count]) => `${outcome}: ${count}`)
    const failed = [...this.#outcomes.values()].reduce((sum, count) => sum + count, 0)
    const parts = [
      ...this.#notes,
      `sent ${this.sent}`,
      `acknowledged ${this.acknowledged}`,
      `failed ${failed}${outcomes.length === 0 ? '' : ` (${outcomes.join(', ')})`}`,
      `slowest answer ${(this.slowestMs / 1000).toFixed(1)} s`,
      `wrong answers ${this.wrongAnswers.length}`,
      `lost ${this.lost.length}`,
      `inconsistencies ${this.inconsistencies.length}`,
    ]
    process.stdout.write(`${this.#scenario}\n  ${parts.join(', ')}\n`)
  }
}
