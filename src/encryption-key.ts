// The encryption key of a service on one machine: made at the first start, kept beside the embedded PostgreSQL.
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KEY_BYTES } from './secret-box.ts'

/**
 * The key in `dataDirectory/encryption-key`; made if there is none. The folder must be this service's own: the
 * embedded PostgreSQL has claimed it.
 */
export async function provideEncryptionKey(dataDirectory: string): Promise<Buffer> {
  const path = join(dataDirectory, 'encryption-key')
  try {
    await writeFile(path, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!isExists(error)) throw error
  }
  const key = Buffer.from(await readFile(path, 'utf8'), 'base64')
  if (key.length === KEY_BYTES) return key
  throw new Error(`The encryption key in ${path} does not have ${KEY_BYTES} bytes.`)
}

const isExists = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST'
