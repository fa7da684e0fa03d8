// SD-JWT VC by @sd-jwt/sd-jwt-vc: the issuer's key comes from its JWT VC issuer metadata, the holder's from `cnf`.
import { ES256, digest, generateSalt } from '@sd-jwt/crypto-nodejs'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import * as jose from 'jose'

async function keyOfIssuer({ iss, kid }) {
  const { origin, pathname } = new URL(iss)
  const answer = await fetch(`${origin}/.well-known/jwt-vc-issuer${pathname === '/' ? '' : pathname}`)
  const metadata = await answer.json()
  if (metadata.issuer !== iss) throw new Error('issuer metadata is about another issuer')
  const keys = metadata.jwks?.keys ?? (await (await fetch(metadata.jwks_uri)).json()).keys
  return keys.find((one) => one.kid === kid)
}

const check = async (jwk, data, signature) => (await ES256.getVerifier(jwk))(data, signature)

const common = { hasher: digest, hashAlg: 'sha-256', saltGenerator: generateSalt, loadTypeMetadataFormat: true }

// Checks signature, times, key binding where asked for, the status list, and type metadata by the library's own code.
export function verifier() {
  return new SDJwtVcInstance({
    ...common,
    async verifier(data, signature) {
      const [header, payload] = data.split('.').map((part) => JSON.parse(Buffer.from(part, 'base64url')))
      return check(await keyOfIssuer({ iss: payload.iss, kid: header.kid }), data, signature)
    },
    kbVerifier: (data, signature, payload) => check(payload.cnf.jwk, data, signature),
    statusListFetcher: async (uri) => (await fetch(uri, { headers: { Accept: 'application/statuslist+jwt' } })).text(),
    async statusVerifier(data, signature) {
      const [header, payload] = data.split('.').map((part) => JSON.parse(Buffer.from(part, 'base64url')))
      const iss = payload.iss ?? payload.sub.replace(/\/status\/[^/]*$/, '')
      return check(await keyOfIssuer({ iss, kid: header.kid }), data, signature)
    },
  })
}

export function holder(privateJwk) {
  return new SDJwtVcInstance({
    ...common,
    kbSigner: async (data) => (await ES256.getSigner(privateJwk))(data),
    kbSignAlg: 'ES256',
  })
}

export function issuer(privateJwk) {
  return new SDJwtVcInstance({
    ...common,
    signer: async (data) => (await ES256.getSigner(privateJwk))(data),
    signAlg: 'ES256',
  })
}

export const thumbprint = (jwk) => jose.calculateJwkThumbprint(jwk)
