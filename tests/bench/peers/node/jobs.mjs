// The peers written in JavaScript: {command: "run", inputs} in on one line, {raw, versions, results} out on one.
//
// raw: {operation: microseconds} of Node's own crypto. results: [{job, peer, leaves_out, microseconds} or with why instead of the time].
import * as eddsaJcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import * as crypto from 'node:crypto';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as jose from 'jose';
import * as sd from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {digest, ES256, generateSalt} from '@sd-jwt/crypto-nodejs';
import {createInterface} from 'node:readline';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite as eddsaRdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {readFileSync} from 'node:fs';
import {SDJwtVcInstance} from '@sd-jwt/sd-jwt-vc';

const ROUNDS = 20;
const LONGEST_MS = 4000;
const PACKAGES = [
  '@digitalbazaar/vc', '@digitalbazaar/data-integrity', '@digitalbazaar/ecdsa-sd-2023-cryptosuite',
  '@digitalbazaar/eddsa-jcs-2022-cryptosuite', '@digitalbazaar/eddsa-rdfc-2022-cryptosuite', '@sd-jwt/sd-jwt-vc', 'jose'
];
const clone = value => JSON.parse(JSON.stringify(value));

function expect(result) {
  if(!result.verified) {
    throw new Error(`not verified: ${result.error?.errors?.[0]?.message ?? result.error}`);
  }
}

function loader({badge, selective}) {
  const known = new Map(Object.entries(badge.contexts));
  const add = (controller, method) => {
    known.set(method.id, {'@context': 'https://w3id.org/security/multikey/v1', ...method});
    known.set(controller, {
      '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
      id: controller, assertionMethod: [method]
    });
  };
  add(badge.issuer, {id: badge.method, type: 'Multikey', controller: badge.issuer, publicKeyMultibase: badge.multikey});
  add(selective.issuer, {
    id: selective.method, type: 'Multikey', controller: selective.issuer, publicKeyMultibase: selective.multikey
  });
  return async url => {
    const document = known.get(url);
    if(!document) {
      throw new Error(`not known here: ${url}`);
    }
    return {contextUrl: null, documentUrl: url, document, tag: 'static'};
  };
}

async function sdJwt({sd_jwt_vc: given}) {
  const instance = new SDJwtVcInstance({
    signer: await ES256.getSigner(given.private), signAlg: 'ES256', verifier: await ES256.getVerifier(given.public),
    kbVerifier: async (data, signature, payload) => (await ES256.getVerifier(payload.cnf.jwk))(data, signature),
    hasher: digest, hashAlg: 'sha-256', saltGenerator: generateSalt
  });
  const now = Math.floor(Date.now() / 1000);
  const own = {iss: given.issuer, vct: given.vct, iat: now, nbf: now, exp: now + 31536000, cnf: {jwk: given.holder}};
  return {
    async verify(text) {
      const {payload, kb} = await instance.verify(text, {keyBindingNonce: given.nonce});
      if(kb.payload.aud !== given.audience || !payload.faculty) {
        throw new Error('another audience, or a claim is missing');
      }
    },
    issue: () => instance.issue({...own, ...given.claims}, {_sd: Object.keys(given.claims)}, {header: {kid: 'key-1'}})
  };
}

async function badgeSigner({badge}) {
  const key = await Ed25519Multikey.from({
    '@context': 'https://w3id.org/security/multikey/v1', type: 'Multikey', controller: badge.issuer, id: badge.method,
    publicKeyMultibase: badge.multikey, secretKeyMultibase: badge.secret_multikey
  });
  return key.signer();
}

// job -> [peer, what it leaves out, inputs => async input => anything]
const JOBS = {
  'jwt verify': ['jose', '', async ({jwt}) => {
    const key = await jose.importJWK(jwt.public, 'ES256');
    return text => jose.jwtVerify(text, key, {audience: jwt.audience, algorithms: ['ES256']});
  }],
  'sd-jwt vc verify': ['@sd-jwt/sd-jwt-vc', '', async inputs => (await sdJwt(inputs)).verify],
  'sd-jwt vc issue': ['@sd-jwt/sd-jwt-vc', '', async inputs => (await sdJwt(inputs)).issue],
  'eddsa-rdfc-2022 verify': ['@digitalbazaar/vc', '', async inputs => verifier(inputs, () => eddsaRdfc)],
  'eddsa-rdfc-2022 issue': ['@digitalbazaar/vc', '', async inputs => {
    const signer = await badgeSigner(inputs), documentLoader = loader(inputs);
    return credential => vc.issue({
      credential: clone(credential), suite: new DataIntegrityProof({signer, cryptosuite: eddsaRdfc}), documentLoader
    });
  }],
  'eddsa-jcs-2022 verify': ['@digitalbazaar/vc', '', async inputs => verifier(inputs, eddsaJcs.createVerifyCryptosuite)],
  'ecdsa-sd-2023 base verify': ['@digitalbazaar/vc', '', async inputs => verifier(inputs, sd.createConfirmCryptosuite)],
  'ecdsa-sd-2023 derive': ['@digitalbazaar/vc', '', async inputs => {
    const documentLoader = loader(inputs), selectivePointers = inputs.selective.shown;
    return verifiableCredential => vc.derive({
      verifiableCredential, documentLoader,
      suite: new DataIntegrityProof({cryptosuite: sd.createDiscloseCryptosuite({selectivePointers})})
    });
  }],
  'ecdsa-sd-2023 derived verify': ['@digitalbazaar/vc', '', async inputs => verifier(inputs, sd.createVerifyCryptosuite)]
};

function verifier(inputs, makeCryptosuite) {
  const documentLoader = loader(inputs);
  return async credential => expect(await vc.verifyCredential({
    credential, documentLoader, suite: new DataIntegrityProof({cryptosuite: makeCryptosuite()})
  }));
}

async function microseconds(inputs, call) {
  let least = Infinity;
  const began = performance.now();
  for(let round = 0; round < ROUNDS && (round < 3 || performance.now() - began < LONGEST_MS); ++round) {
    const fresh = inputs.map(clone);
    const started = performance.now();
    for(const each of fresh) {
      await call(each);
    }
    least = Math.min(least, (performance.now() - started) / fresh.length);
  }
  return least * 1000;
}

async function raw() {
  const text = Buffer.alloc(1200, 's'), short = Buffer.alloc(64, 'h');
  const p256 = crypto.generateKeyPairSync('ec', {namedCurve: 'P-256'}), edwards = crypto.generateKeyPairSync('ed25519');
  const signature = crypto.sign('sha256', text, p256.privateKey), other = crypto.sign(null, short, edwards.privateKey);
  const fifty = Array.from({length: 50}, () => 0);
  return {
    'P-256 verify': await microseconds(fifty, () => crypto.verify('sha256', text, p256.publicKey, signature)),
    'P-256 sign': await microseconds(fifty, () => crypto.sign('sha256', text, p256.privateKey)),
    'Ed25519 verify': await microseconds(fifty, () => crypto.verify(null, short, edwards.publicKey, other)),
    'Ed25519 sign': await microseconds(fifty, () => crypto.sign(null, short, edwards.privateKey))
  };
}

async function run(inputs) {
  const results = [];
  for(const [job, [peer, leaves_out, prepare]] of Object.entries(JOBS)) {
    process.stderr.write(`· ${peer}: ${job}\n`);
    const {setting, inputs: key} = inputs.jobs[job];
    const result = {job, peer, leaves_out};
    try {
      const call = await prepare(inputs);
      result.microseconds = await microseconds(inputs[setting][key], call);
    } catch(error) {
      result.why = String(error).split('\n')[0].slice(0, 160);
    }
    results.push(result);
  }
  const versions = {node: process.versions.node, openssl: process.versions.openssl};
  for(const name of PACKAGES) {
    versions[name] = JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;
  }
  return {raw: await raw(), versions, results};
}

for await (const line of createInterface({input: process.stdin})) {
  let answer;
  try {
    answer = await run(JSON.parse(line).inputs);
  } catch(error) {
    answer = {failed: String(error.stack ?? error)};
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
