// An issuer of @openid4vc/openid4vci and oauth2 (pre-authorised code, tx_code, nonce, batch), its credentials by @sd-jwt/sd-jwt-vc.
import { Oauth2AuthorizationServer, preAuthorizedCodeGrantIdentifier } from '@openid4vc/oauth2'
import { Openid4vciIssuer, Openid4vciVersion } from '@openid4vc/openid4vci'
import { randomUUID } from 'node:crypto'
import { callbacks, newKey, publicPart } from './callbacks.mjs'
import { serve } from './http_server.mjs'
import { issuer as sdJwtVcIssuer } from './sd_jwt_vc.mjs'
import { given, say } from './stdio.mjs'

const { claims, txCode } = given // claims: of the person, each selectively disclosable
const CONFIGURATION = 'membership'
const key = { ...(await newKey()), kid: randomUUID() }
const signer = callbacks({ keys: [key] })
const issuer = new Openid4vciIssuer({ callbacks: signer })
const authorizationServer = new Oauth2AuthorizationServer({ callbacks: signer })
const now = () => Math.floor(Date.now() / 1000)
const code = randomUUID()
const accessToken = randomUUID()
const nonces = new Set()
let issuerMetadata
let vct

async function token({ body, headers }) {
  const request = { method: 'POST', url: `${base}/token`, headers: new Headers(headers) }
  const parsed = authorizationServer.parseAccessTokenRequest({ request, accessTokenRequest: Object.fromEntries(new URLSearchParams(body)) })
  await authorizationServer.verifyPreAuthorizedCodeAccessTokenRequest({
    request,
    grant: parsed.grant,
    accessTokenRequest: parsed.accessTokenRequest,
    authorizationServerMetadata: issuerMetadata.authorizationServers[0],
    expectedPreAuthorizedCode: code,
    expectedTxCode: txCode,
  })
  return [200, { access_token: accessToken, token_type: 'Bearer', expires_in: 300 }]
}

async function nonce() {
  const fresh = randomUUID()
  nonces.add(fresh)
  return [200, issuer.createNonceResponse({ cNonce: fresh })]
}

async function credential({ body, headers }) {
  if (headers.authorization !== `Bearer ${accessToken}`) return [401, { error: 'invalid_token' }]
  const parsed = issuer.parseCredentialRequest({ issuerMetadata, credentialRequest: JSON.parse(body) })
  const credentials = []
  for (const jwt of parsed.proofs.jwt) {
    const expectedNonce = JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url')).nonce
    if (!nonces.has(expectedNonce)) return [400, { error: 'invalid_nonce' }]
    const { signer: holder } = await issuer.verifyCredentialRequestJwtProof({ issuerMetadata, jwt, expectedNonce })
    const payload = { ...claims, iss: base, vct, iat: now(), exp: now() + 86_400, cnf: { jwk: publicPart(holder.publicJwk) } }
    const frame = { _sd: Object.keys(claims) }
    credentials.push({ credential: await sdJwtVcIssuer(key).issue(payload, frame, { header: { kid: key.kid } }) })
  }
  say({ issued: credentials.length, configuration: parsed.credentialConfigurationId })
  return [200, issuer.createCredentialResponse({ credentials, credentialRequest: parsed })]
}

const base = await serve({
  'GET /.well-known/openid-credential-issuer': async () => [200, issuerMetadata.credentialIssuer],
  'GET /.well-known/oauth-authorization-server': async () => [200, issuerMetadata.authorizationServers[0]],
  'GET /.well-known/jwt-vc-issuer': async () => [200, { issuer: base, jwks: { keys: [publicPart(key)] } }],
  'GET /types/membership': async () => [200, { vct, name: 'Membership' }],
  'POST /token': token,
  'POST /nonce': nonce,
  'POST /credential': credential,
})
vct = `${base}/types/membership`
issuerMetadata = {
  originalDraftVersion: Openid4vciVersion.V1,
  credentialIssuer: issuer.createCredentialIssuerMetadata({
    credential_issuer: base,
    credential_endpoint: `${base}/credential`,
    nonce_endpoint: `${base}/nonce`,
    batch_credential_issuance: { batch_size: 3 },
    credential_configurations_supported: {
      [CONFIGURATION]: {
        format: 'dc+sd-jwt',
        vct,
        scope: CONFIGURATION,
        cryptographic_binding_methods_supported: ['jwk'],
        credential_signing_alg_values_supported: ['ES256'],
        proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } },
        credential_metadata: { display: [{ name: 'Membership', locale: 'en' }] },
      },
    },
  }),
  authorizationServers: [
    authorizationServer.createAuthorizationServerMetadata({
      issuer: base,
      token_endpoint: `${base}/token`,
      grant_types_supported: [preAuthorizedCodeGrantIdentifier], // left out, RFC 8414 takes it for a server without this grant
      'pre-authorized_grant_anonymous_access_supported': true,
    }),
  ],
}
issuerMetadata.knownCredentialConfigurations = issuer.getKnownCredentialConfigurationsSupported(issuerMetadata.credentialIssuer)
const { credentialOffer } = await issuer.createCredentialOffer({
  issuerMetadata,
  credentialConfigurationIds: [CONFIGURATION],
  grants: { [preAuthorizedCodeGrantIdentifier]: { 'pre-authorized_code': code, tx_code: { input_mode: 'numeric', length: txCode.length } } },
})
say({ offer: credentialOffer, issuer: base })
