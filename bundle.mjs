// `npm run build`: what is started, with all its own modules in one file, and in others what is loaded later. A file
// each took a third of the time until the service is ready. Types are held by `npm run check`.
import { build } from 'esbuild'

/** Packages of very many small files; all others stay in node_modules, as they are published. */
const bundled = ['typebox', 'uuid']

await build({
  entryPoints: ['src/main.ts', 'src/admin-token.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // for stack traces alone
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
  plugins: [
    {
      name: 'packages stay where they are',
      setup({ onResolve }) {
        onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
          kind === 'entry-point' || bundled.includes(path) ? null : { external: true },
        )
      },
    },
  ],
})
