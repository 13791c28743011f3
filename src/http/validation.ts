// What routes say of their bodies, queries and headers is checked by Ajv. It is loaded, and compiles a schema, when the
// first such request comes: at the start of the process that was a tenth of the time until it was ready.
import { createRequire } from 'node:module'
import type AjvCompiler from '@fastify/ajv-compiler'
import type { FastifyInstance, FastifySchemaCompiler, FastifyServerOptions } from 'fastify'
import { once } from './once.ts'

const load = createRequire(import.meta.url)

const buildCompiler: AjvCompiler.BuildCompilerFromPool = (schemas, options) => {
  const compilers: typeof AjvCompiler = load('@fastify/ajv-compiler')
  return compilers()(schemas, options)
}

type Validator = ReturnType<FastifySchemaCompiler<unknown>>

const compiler = once(() =>
  buildCompiler(
    {},
    {
      customOptions: {
        // no coercion, nothing removed in silence: what does not fit is refused
        coerceTypes: false,
        removeAdditional: false,
        // tests check the schemas, and most are asked for too seldom to be made faster
        validateSchema: false,
        code: { optimize: false },
      },
    },
  ),
)

function validatorOf(route: Readonly<Record<string, unknown>>): Validator {
  const compiled = once(() => compiler()(route))
  const validate: Validator = (value: unknown) => {
    const isValid = compiled()(value) === true
    validate.errors = compiled().errors ?? null
    return isValid
  }
  return validate
}

/** Without it Fastify loads its compilers at once. Answers are JSON as it is: their schemas describe them and do not make them. */
export const schemaController: NonNullable<FastifyServerOptions['schemaController']> = {
  compilersFactory: {
    buildValidator: buildCompiler,
    buildSerializer: () => () => (answer: unknown) => JSON.stringify(answer),
  },
}

export function validateWhenAsked(app: FastifyInstance): void {
  app.setValidatorCompiler((route) => validatorOf({ ...route }))
}
