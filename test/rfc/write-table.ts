// npm run conformance:table: writes the generated parts of docs/conformance.md.
import { writeFileSync } from 'node:fs'
import { readRequirements } from './requirements.ts'
import { documentUrl, readDocument, withTables } from './table.ts'

writeFileSync(documentUrl, withTables(readRequirements(), readDocument()))
