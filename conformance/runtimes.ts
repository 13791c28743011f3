// How packages of each language come into a suite's folder, and which programs that takes.
import type { Suite } from './suite.ts'

type Runtime = Pick<Suite, 'runtime' | 'install'>

/** A virtual environment: its programs are in bin/. */
export const python = (...packages: readonly string[]): Runtime => ({
  runtime: ['python3'],
  install: [
    ['python3', '-m', 'venv', '.'],
    ['bin/pip', 'install', '--quiet', '--disable-pip-version-check', ...packages],
  ],
})

/** The dependencies that the suite's pom.xml names are in lib/, the compiled driver in classes/. */
export const java = (pom: string, ...sources: readonly string[]): Runtime => ({
  runtime: ['java', 'javac', 'mvn'],
  install: [
    [
      'mvn',
      '--quiet',
      '--batch-mode',
      '--file',
      pom,
      'dependency:copy-dependencies',
      '-DoutputDirectory=lib',
    ],
    ['javac', '-cp', 'lib/*', '-d', 'classes', ...sources],
  ],
})

/** `--prefix`: else npm would install into the repository around the folder. */
export const npm = (...packages: readonly string[]): Runtime => ({
  runtime: ['node', 'npm'],
  install: [['npm', 'install', '--prefix', '.', '--silent', '--no-audit', '--ignore-scripts', ...packages]],
})
