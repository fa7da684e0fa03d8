// A wallet of @openid4vc/openid4vp and dcql answers a question: resolve the request object, match, present, send.
import { Openid4vpClient } from '@openid4vc/openid4vp'
import { DcqlQuery } from 'dcql'
import { callbacks } from './callbacks.mjs'
import { holder } from './sd_jwt_vc.mjs'
import { run } from './stdio.mjs'
import { present } from './vc_jwt.mjs'

const REGISTERED = ['iss', 'vct', 'iat', 'nbf', 'exp', 'cnf', 'status', 'sub']

// How dcql wants to see a card.
function seenByDcql({ format, claims }) {
  const bound = { credential_format: format, cryptographic_holder_binding: true }
  if (format === 'dc+sd-jwt') return { ...bound, vct: claims.vct, claims }
  return { ...bound, claims, type: claims.type }
}

// The disclosure frame of @sd-jwt that discloses these claims paths.
function frameOf(paths) {
  const frame = {}
  for (const path of paths) {
    let place = frame
    for (const [depth, step] of path.entries()) {
      if (depth === path.length - 1) place[step] = true
      else place = place[step] = typeof place[step] === 'object' ? place[step] : {}
    }
  }
  return frame
}

async function presentationOf({ format, text, key }, paths, { audience, nonce }) {
  if (format !== 'dc+sd-jwt') return present(text, key, { audience, nonce })
  const payload = { iat: Math.floor(Date.now() / 1000), aud: audience, nonce }
  return holder(key).present(text, frameOf(paths), { kb: { payload } })
}

// link: openid4vp://…; roots: PEM; held: cards as claim_offer.mjs tells of them; decline: the holder says no.
await run(async ({ link, roots, held, decline }) => {
  const client = new Openid4vpClient({ callbacks: callbacks({ roots }) })
  const { params } = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: link })
  const resolved = await client.resolveOpenId4vpAuthorizationRequest({
    authorizationRequestPayload: params,
    responseMode: { type: 'direct_post' },
  })
  const request = resolved.authorizationRequestPayload
  const query = DcqlQuery.parse(resolved.dcql.query)
  DcqlQuery.validate(query)
  let payload = { error: 'access_denied', error_description: 'the holder said no' }
  let matched = {}
  if (!decline) {
    const result = DcqlQuery.query(query, held.map(seenByDcql))
    if (!result.can_be_satisfied) throw new Error(`nothing fits: ${JSON.stringify(result.credential_matches)}`)
    const token = {}
    for (const [id, match] of Object.entries(result.credential_matches)) {
      if (!match.success) continue
      const card = match.valid_credentials[0]
      const claims = query.credentials.find((one) => one.id === id).claims ?? []
      token[id] = [await presentationOf(held[card.input_credential_index], claims.map((one) => one.path), { audience: request.client_id, nonce: request.nonce })]
    }
    payload = { vp_token: token }
    matched = Object.keys(token)
  }
  const encrypted = request.response_mode === 'direct_post.jwt'
  const { authorizationResponsePayload, jarm } = await client.createOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: request,
    authorizationResponsePayload: payload,
    ...(encrypted && {
      jarm: {
        encryption: { nonce: 'c2Vjb25k' },
        serverMetadata: {
          authorization_signing_alg_values_supported: [],
          authorization_encryption_alg_values_supported: ['ECDH-ES'],
          authorization_encryption_enc_values_supported: ['A256GCM', 'A128GCM'],
        },
      },
    }),
  })
  const { response } = await client.submitOpenid4vpAuthorizationResponse({ authorizationRequestPayload: request, authorizationResponsePayload, jarm })
  const answer = await response.text()
  return {
    prefix: resolved.client.prefix,
    version: resolved.version,
    signed: Boolean(resolved.jar),
    encrypted: Boolean(jarm),
    matched,
    status: response.status,
    answer: answer && JSON.parse(answer),
  }
})
