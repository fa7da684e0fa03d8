// The little web server of a peer: a port of the system's choice on loopback, JSON or text out.
import { createServer } from 'node:http'

const bodyOf = async (request) => Buffer.concat(await Array.fromAsync(request)).toString()

// routes: 'METHOD /path' → async ({ body, headers }) => [status, content, type]. Gives the base URL; refused paths are 404.
export async function serve(routes) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost')
    const found = routes[`${request.method} ${pathname}`]
    let [status, content, type] = [404, { error: 'not_found' }]
    try {
      if (found) [status, content, type] = await found({ body: await bodyOf(request), headers: request.headers })
    } catch (error) {
      ;[status, content] = [400, error.errorResponse ?? { error: 'invalid_request', error_description: error.message }]
    }
    response.writeHead(status, { 'content-type': type ?? 'application/json', 'cache-control': 'no-store' })
    response.end(type ? content : JSON.stringify(content))
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  return `http://localhost:${server.address().port}`
}
