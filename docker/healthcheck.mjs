// The image's health check: does the process answer? The image has no curl; exits with 0 or 1.

const port = process.env.PORT || 8080

try {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(2500) })
  process.exit(answer.ok ? 0 : 1)
} catch {
  process.exit(1)
}
