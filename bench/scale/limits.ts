// What must not grow by more than so much, and whether it does.

export interface Growth {
  readonly name: string
  /** how many times slower it is than what it is compared with; NaN where there is nothing to compare */
  readonly slower: number
  readonly limit: number
}

export const growthCells = ({ slower, limit }: Growth): string[] =>
  Number.isNaN(slower)
    ? ['–', limit.toFixed(1)]
    : [`${slower > limit ? '! ' : ''}${slower.toFixed(2)}`, limit.toFixed(1)]
