// W3C credentials secured as JWTs (VCDM 2.0, `vc+jwt` and `vp+jwt`), by `jose` alone.
import * as jose from 'jose'
import { didOf, keyOfDid } from './callbacks.mjs'

const CONTEXT = 'https://www.w3.org/ns/credentials/v2'

export async function verifyCredential(text) {
  const { kid, typ, alg } = jose.decodeProtectedHeader(text)
  if (typ !== 'vc+jwt') throw new Error(`typ is ${typ}`)
  const { payload } = await jose.jwtVerify(text, await jose.importJWK(await keyOfDid(kid, 'assertionMethod'), alg))
  if (payload.issuer.id !== kid.split('#')[0] && payload.issuer !== kid.split('#')[0]) throw new Error('signed by another than the issuer')
  return payload
}

// A presentation of one credential, for one verifier and one question.
export async function present(credential, privateJwk, { audience, nonce }) {
  const holder = didOf(privateJwk)
  const presentation = {
    '@context': [CONTEXT],
    type: ['VerifiablePresentation'],
    holder,
    verifiableCredential: [
      { '@context': CONTEXT, type: 'EnvelopedVerifiableCredential', id: `data:application/vc+jwt,${credential}` },
    ],
  }
  return new jose.SignJWT({ ...presentation, iss: holder, aud: audience, nonce })
    .setIssuedAt()
    .setProtectedHeader({ alg: 'ES256', typ: 'vp+jwt', kid: `${holder}#0` })
    .sign(await jose.importJWK(privateJwk, 'ES256'))
}
