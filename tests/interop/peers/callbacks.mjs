// What the OpenID4VC libraries leave to their user: signing, hashing, JWE (by `jose`), certificates and DIDs (by Node).
import { X509Certificate, createHash, randomBytes } from 'node:crypto'
import { clientAuthenticationAnonymous, clientAuthenticationNone, setGlobalConfig } from '@openid4vc/oauth2'
import * as jose from 'jose'

setGlobalConfig({ allowInsecureUrls: true }) // loopback

const certificate = (base64) => new X509Certificate(Buffer.from(base64, 'base64'))

function names(base64, kind) {
  const alternatives = certificate(base64).subjectAltName?.split(', ') ?? []
  return alternatives.filter((one) => one.startsWith(`${kind}:`)).map((one) => one.slice(kind.length + 1))
}

// The leaf's key, where every certificate is signed by the next and the last by a root that is trusted.
function keyOfChain(x5c, roots) {
  const chain = x5c.map(certificate)
  const trusted = roots.map((pem) => new X509Certificate(pem))
  for (const [place, one] of chain.entries()) {
    const signers = place + 1 < chain.length ? [chain[place + 1]] : trusted
    if (!signers.some((signer) => one.checkIssued(signer) && one.verify(signer.publicKey))) throw new Error('chain of certificates is broken')
    if (Date.parse(one.validTo) < Date.now() || Date.parse(one.validFrom) > Date.now()) throw new Error('certificate is not valid now')
  }
  return chain[0].publicKey.export({ format: 'jwk' })
}

// did:jwk, and did:web with http for https (loopback). relationship: what the key must be for.
export async function keyOfDid(didUrl, relationship) {
  const [did] = didUrl.split('#')
  const [, method, host, ...path] = did.split(':')
  if (method === 'jwk') return JSON.parse(Buffer.from(host, 'base64url'))
  if (method !== 'web') throw new Error(`did:${method} is not known here`)
  const answer = await fetch(`http://${decodeURIComponent(host)}/${path.length ? path.join('/') : '.well-known'}/did.json`)
  const document = await answer.json()
  if (document.id !== did) throw new Error('DID document is about another DID')
  if (!document[relationship].includes(didUrl)) throw new Error(`key is not for ${relationship}`)
  return document.verificationMethod.find((one) => one.id === didUrl).publicKeyJwk
}

export const publicPart = ({ d, ...jwk }) => jwk
const samePoint = (a, b) => a.x === b.x && a.y === b.y

async function keyOf(signer, roots) {
  if (signer.method === 'x5c') return keyOfChain(signer.x5c, roots)
  if (signer.method === 'did') return keyOfDid(signer.didUrl, 'authentication')
  if (signer.method === 'jwk') return signer.publicJwk
  throw new Error(`signer ${signer.method} is not known here`)
}

// roots: PEM; keys: private JWKs; clientId: without one the client stays anonymous.
export function callbacks({ roots = [], keys = [], clientId } = {}) {
  return {
    fetch: (...how) => fetch(...how),
    hash: (data, algorithm) => createHash(algorithm.replace('-', '')).update(data).digest(),
    generateRandom: (length) => randomBytes(length),
    clientAuthentication: clientId ? clientAuthenticationNone({ clientId }) : clientAuthenticationAnonymous(),
    getX509CertificateMetadata: (leaf) => ({ sanDnsNames: names(leaf, 'DNS'), sanUriNames: names(leaf, 'URI') }),
    async signJwt(signer, { header, payload }) {
      const jwk = signer.method === 'x5c' ? certificate(signer.x5c[0]).publicKey.export({ format: 'jwk' }) : await keyOf(signer, roots)
      const key = keys.find((one) => samePoint(one, jwk))
      const jwt = await new jose.SignJWT(payload).setProtectedHeader(header).sign(await jose.importJWK(key, signer.alg))
      return { jwt, signerJwk: publicPart(key) }
    },
    async verifyJwt(signer, { compact }) {
      const jwk = await keyOf(signer, roots)
      try {
        await jose.compactVerify(compact, await jose.importJWK(jwk, signer.alg))
        return { verified: true, signerJwk: jwk }
      } catch {
        return { verified: false }
      }
    },
    async encryptJwe({ publicJwk, alg, enc, apu, apv }, data) {
      const jwe = new jose.CompactEncrypt(Buffer.from(data)).setProtectedHeader({ alg, enc, kid: publicJwk.kid })
      jwe.setKeyManagementParameters({
        ...(apu && { apu: jose.base64url.decode(apu) }),
        ...(apv && { apv: jose.base64url.decode(apv) }),
      })
      return { jwe: await jwe.encrypt(await jose.importJWK(publicJwk, alg)), encryptionJwk: publicJwk }
    },
    async decryptJwe(jwe, { jwk } = {}) {
      const { kid, alg } = jose.decodeProtectedHeader(jwe)
      const key = keys.find((one) => one.kid === (kid ?? jwk?.kid))
      const { plaintext } = await jose.compactDecrypt(jwe, await jose.importJWK(key, alg))
      return { decrypted: true, decryptionJwk: publicPart(key), payload: Buffer.from(plaintext).toString() }
    },
  }
}

// The key as a DID that needs no look-up.
export const didOf = (jwk) => `did:jwk:${Buffer.from(JSON.stringify(publicPart(jwk))).toString('base64url')}`

export async function newKey() {
  const { privateKey } = await jose.generateKeyPair('ES256', { extractable: true })
  return jose.exportJWK(privateKey)
}

