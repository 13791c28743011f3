// The curl commands of a page of the documentation, read as a shell would, each with the answer that is shown for it.

export interface Example {
  /** as it stands on the page */
  readonly command: string
  readonly method: string
  /** from the variable of the base URL on, e.g. `$API/events?limit=5` */
  readonly url: string
  /** in small letters */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** the answer that is shown, with what was left out of it taken out */
  readonly answer: string | null
}

/** The examples of a page. Throws for what it cannot read, so that none is left out in silence. */
export function examplesIn(page: string): Example[] {
  const blocks = [...page.matchAll(/^( *)```(\w+)\n([\s\S]*?)^\1```$(?=(\n\1```json\n([\s\S]*?)^\1```$)?)/gm)]
  const files = new Map<string, string>()
  const fenced = blocks
    .filter(([, , language]) => language === 'sh')
    .flatMap(([, , , script = '', , answers]) => inScript(script, answers, files))
  const inline = [...page.matchAll(/(?<!`)`(curl [^`\n]+)`(?!`)/g)].flatMap(([, command = '']) =>
    inScript(command, undefined, files),
  )
  const found = [...fenced, ...inline]
  const written = [...page.matchAll(/\bcurl\s+(?:-|"?\$)/g)].length
  if (found.length !== written) throw new Error(`Of ${written} curl commands ${found.length} can be read.`)
  return found
}

function inScript(script: string, answers: string | undefined, files: Map<string, string>): Example[] {
  const commands = script.replace(/^cat > (\S+) <<(\w+)\n([\s\S]*?)^\2$/gm, (_all, name, _end, text) => {
    files.set(name, text)
    return ''
  })
  const requests = commandsIn(commands).filter(({ words }) => words[0] === 'curl')
  const shown = requests.filter(({ isKept }) => !isKept)
  const lines = answers?.trim().split('\n') ?? []
  if (lines.length > 0 && lines.length !== shown.length) {
    throw new Error(`${shown.length} commands with ${lines.length} answers: ${script}`)
  }
  return requests.map((request) => ({
    ...requestOf(request.words, files),
    answer: lines[shown.indexOf(request)]?.replace(/,?…(?=[\]}])/g, '') ?? null,
  }))
}

interface Command {
  readonly words: readonly string[]
  /** whether a file or another command has what it answers */
  readonly isKept: boolean
}

/** What stands for what another command prints. */
const MADE = 'made-by-a-command'

/** What a shell tells apart; the words are the parts between the others, and variables stay as they are named. */
const TOKEN =
  /\\\n|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\.)*)"|(?<end>\n)|(?<operator>[|>])|(?<=\s)#[^\n]*|(?<space>[^\S\n]+)|(?<command>\$\([^)]*\))|(?<plain>[^\s'"|>\\]+)/gy

function commandsIn(script: string): Command[] {
  const commands: Command[] = []
  let words: string[] = []
  let word: string | null = null
  let isKept = false
  let at = 0
  const endWord = () => {
    // what a pipe feeds, and the name of a file, are no part of the command
    if (word !== null && !isKept) words.push(word)
    word = null
  }
  const endCommand = () => {
    endWord()
    commands.push({ words, isKept })
    words = []
    isKept = false
  }
  for (const { 0: all, groups = {} } of script.matchAll(TOKEN)) {
    at += all.length
    const { single, double, command, plain, end, operator, space } = groups
    const made = command === undefined ? undefined : MADE
    const part = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? made ?? plain
    if (part !== undefined) word = `${word ?? ''}${part}`
    if (space !== undefined || operator !== undefined) endWord()
    if (operator !== undefined) isKept = true
    if (end !== undefined) endCommand()
  }
  if (at !== script.length) throw new Error(`This cannot be read: ${script.slice(at)}`)
  endCommand()
  return commands
}

function requestOf(words: readonly string[], files: ReadonlyMap<string, string>): Omit<Example, 'answer'> {
  const headers: Record<string, string> = {}
  let method: string | null = null
  let url: string | null = null
  let body: string | null = null
  const query: string[] = []
  const rest = words.slice(1)
  const value = (option: string): string => {
    const next = rest.shift()
    if (next === undefined) throw new Error(`${option} has no value: ${words.join(' ')}`)
    return next
  }
  for (let option = rest.shift(); option !== undefined; option = rest.shift()) {
    if (option === '-N' || option === '-G' || option === '-s' || option === '-i') continue
    if (option === '-X') method = value(option)
    else if (option === '-H') addHeader(headers, value(option))
    else if (option === '--data-urlencode') query.push(encoded(value(option)))
    else if (option === '-d') body = dataOf(value(option), files)
    else if (option.startsWith('-') || url !== null)
      throw new Error(`${option} is not known: ${words.join(' ')}`)
    else url = option
  }
  if (url === null) throw new Error(`There is no URL: ${words.join(' ')}`)
  const asked = query.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${query.join('&')}`
  return {
    command: words.join(' '),
    method: method ?? (body === null ? 'GET' : 'POST'),
    url: asked,
    headers,
    body,
  }
}

/** The headers that the pages keep in variables. */
const variables: Readonly<Record<string, string>> = {
  $ADMIN: 'Authorization: Bearer rollcall_adm_',
  $IDP: 'Authorization: Bearer rollcall_dir_',
  $JSON: 'Content-Type: application/json',
}

function addHeader(headers: Record<string, string>, text: string): void {
  const [, name, value] = /^([\w-]+): *(.*)$/.exec(variables[text] ?? text) ?? []
  if (name === undefined || value === undefined) throw new Error(`${text} is no header.`)
  headers[name.toLowerCase()] = value
}

function encoded(text: string): string {
  const [, name = '', value = ''] = /^(\w+)=([\s\S]*)$/.exec(text) ?? []
  return `${name}=${encodeURIComponent(value)}`
}

function dataOf(text: string, files: ReadonlyMap<string, string>): string {
  if (!text.startsWith('@')) return text
  const held = files.get(text.slice(1))
  if (held === undefined) throw new Error(`No file ${text.slice(1)} was written before.`)
  return held
}
