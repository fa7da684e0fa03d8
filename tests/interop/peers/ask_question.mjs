// A verifier of @openid4vc/openid4vp: one signed question (x509_san_dns), one encrypted answer, read by @sd-jwt/sd-jwt-vc.
import { Openid4vpVerifier } from '@openid4vc/openid4vp'
import { randomUUID } from 'node:crypto'
import { callbacks, newKey, publicPart } from './callbacks.mjs'
import { serve } from './http_server.mjs'
import { verifier as sdJwtVcVerifier } from './sd_jwt_vc.mjs'
import { given, say } from './stdio.mjs'

// key, x5c: of the signer; query: DCQL; mode: response mode; method: of the request URI; aud: of the request object, null for the library's own.
const { key, x5c, query, mode, method, aud } = given
const encryptionKey = { ...(await newKey()), kid: randomUUID(), use: 'enc', alg: 'ECDH-ES' }
const signer = callbacks({ keys: [key, encryptionKey] })
const verifier = new Openid4vpVerifier({ callbacks: signer })
const nonce = randomUUID()
let authorizationRequestPayload

async function requestObject({ body }) {
  const walletNonce = new URLSearchParams(body).get('wallet_nonce') ?? undefined
  const { jar } = await verifier.createOpenId4vpAuthorizationRequest({
    authorizationRequestPayload,
    jar: {
      jwtSigner: { method: 'x5c', alg: 'ES256', x5c },
      expiresInSeconds: 300,
      requestUri: `${base}/request`,
      additionalJwtPayload: { ...(aud && { aud }), ...(walletNonce && { wallet_nonce: walletNonce }) },
    },
  })
  say({ fetched: { posted: Boolean(body), walletNonce: Boolean(walletNonce) } })
  return [200, jar.authorizationRequestJwt, 'application/oauth-authz-req+jwt']
}

async function judge(authorizationResponse) {
  const parsed = await verifier.parseOpenid4vpAuthorizationResponse({ authorizationResponse, authorizationRequestPayload, callbacks: signer })
  const judged = {}
  for (const [id, presentations] of Object.entries(parsed.dcql.presentations))
    for (const one of presentations) {
      const { payload, kb } = await sdJwtVcVerifier().verify(one, { keyBindingNonce: nonce })
      if (kb.payload.aud !== authorizationRequestPayload.client_id) throw new Error('made for another verifier')
      judged[id] = { claims: payload, keyBinding: kb.payload }
    }
  return { encrypted: Boolean(parsed.jarm), type: parsed.jarm?.type, judged }
}

async function response({ body }) {
  const answer = Object.fromEntries(new URLSearchParams(body))
  try {
    // @openid4vc/openid4vp 0.4 reads no error responses; they come encrypted where answers do (OpenID4VP 1.0 §8.3).
    const plain = answer.response ? JSON.parse((await signer.decryptJwe(answer.response)).payload) : answer
    say(plain.error ? { refused: plain, encrypted: Boolean(answer.response) } : await judge(answer))
  } catch (error) {
    say({ error: error.message, answer })
  }
  return [200, {}]
}

const base = await serve({ 'GET /request': requestObject, 'POST /request': requestObject, 'POST /response': response })
authorizationRequestPayload = {
  response_type: 'vp_token',
  client_id: 'x509_san_dns:localhost',
  response_uri: `${base}/response`,
  response_mode: mode,
  nonce,
  state: randomUUID(),
  dcql_query: query,
  client_metadata: {
    vp_formats_supported: { 'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] } },
    ...(mode === 'direct_post.jwt' && { jwks: { keys: [publicPart(encryptionKey)] }, encrypted_response_enc_values_supported: ['A256GCM'] }),
  },
}
const link = new URLSearchParams({ client_id: authorizationRequestPayload.client_id, request_uri: `${base}/request` })
if (method === 'post') link.set('request_uri_method', 'post')
say({ link: `openid4vp://?${link}`, client_id: authorizationRequestPayload.client_id, nonce })
