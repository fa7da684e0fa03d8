// A wallet of @openid4vc/openid4vci takes an offer: both metadata documents, token, nonce, a batch of credentials, notification.
import { preAuthorizedCodeGrantIdentifier } from '@openid4vc/oauth2'
import { Openid4vciClient } from '@openid4vc/openid4vci'
import { callbacks, didOf, newKey, publicPart } from './callbacks.mjs'
import { verifier } from './sd_jwt_vc.mjs'
import { run } from './stdio.mjs'
import { verifyCredential } from './vc_jwt.mjs'

// As the issuer's metadata say how a credential is bound to a key.
function signerOf(key, { cryptographic_binding_methods_supported: methods }) {
  if (methods.includes('jwk')) return { method: 'jwk', alg: 'ES256', publicJwk: publicPart(key) }
  if (methods.includes('did:jwk')) return { method: 'did', alg: 'ES256', didUrl: `${didOf(key)}#0` }
  throw new Error(`no way of binding in common: ${methods}`)
}

async function check(credential, format) {
  if (format !== 'dc+sd-jwt') return { claims: await verifyCredential(credential) }
  const { payload, typeMetadata } = await verifier().verify(credential)
  return { claims: payload, typeMetadata }
}

// offer: the link; copies: how many; clientId: none stays anonymous.
await run(async ({ offer, txCode, copies, clientId }) => {
  const keys = await Promise.all(Array.from({ length: copies }, newKey))
  const client = new Openid4vciClient({ callbacks: callbacks({ keys, clientId }) })
  const credentialOffer = await client.resolveCredentialOffer(offer)
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer)
  const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({ credentialOffer, issuerMetadata, txCode })
  const accessToken = accessTokenResponse.access_token
  const [credentialConfigurationId] = credentialOffer.credential_configuration_ids
  const configuration = issuerMetadata.knownCredentialConfigurations[credentialConfigurationId]
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata })
  const proofs = []
  for (const key of keys) {
    const signer = signerOf(key, configuration)
    proofs.push((await client.createCredentialRequestJwtProof({ issuerMetadata, credentialConfigurationId, signer, nonce })).jwt)
  }
  const { credentialResponse } = await client.retrieveCredentials({
    issuerMetadata,
    credentialConfigurationId,
    accessToken,
    proofs: { jwt: proofs },
  })
  const credentials = credentialResponse.credentials.map((one) => one.credential)
  const held = []
  for (const [place, text] of credentials.entries())
    held.push({ format: configuration.format, text, key: keys[place], ...(await check(text, configuration.format)) })
  const notification = { notificationId: credentialResponse.notification_id, event: 'credential_accepted' }
  await client.sendNotification({ issuerMetadata, notification, accessToken })
  return {
    version: issuerMetadata.originalDraftVersion,
    authorizationServers: issuerMetadata.authorizationServers.map((one) => one.issuer),
    asked: credentialOffer.grants[preAuthorizedCodeGrantIdentifier].tx_code,
    held,
  }
})
