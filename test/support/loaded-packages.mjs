// Loaded before the service (`node --import`): at its end it prints which packages were loaded, each once.
import { writeSync } from 'node:fs'
import { createRequire, register } from 'node:module'

const require = createRequire(import.meta.url)
const loaded = new Set()
const port = new MessageChannel()

// modules are loaded in a thread of their own: it tells what it was asked for
const hooks = `
  let tell
  export const initialize = ({ port }) => { tell = (url) => port.postMessage(url) }
  export const load = async (url, context, next) => { tell(url); return next(url, context) }`
register(`data:text/javascript,${encodeURIComponent(hooks)}`, {
  data: { port: port.port2 },
  transferList: [port.port2],
})
port.port1.on('message', (url) => loaded.add(url))
port.port1.unref()

process.once('exit', () => {
  const paths = [...loaded, ...Object.keys(require.cache)]
  const names = paths.map((path) => path.match(/.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? '')
  writeSync(1, `\nloaded packages: ${[...new Set(names)].sort().join(' ')}\n`)
})
