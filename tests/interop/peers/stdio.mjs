// One script, one job: JSON on the command line, one JSON line per event on standard output.
export const given = JSON.parse(process.argv[2] ?? '{}')

export function say(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

// An error is an answer too: tests look at what a peer refuses, and why.
export async function run(job) {
  try {
    say(await job(given))
  } catch (error) {
    say({ error: { name: error.constructor.name, message: error.message, response: error.errorResponse ?? error.response?.credentialErrorResponseResult?.data } })
    process.exitCode = 1
  }
}
