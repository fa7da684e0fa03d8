// ecdsa-sd-2023 as @digitalbazaar does it, measured by request: one JSON object a line in, one a line out.
//
// {command: "prepare", contexts, document, mandatory, selective} -> {method, base, derived}
//    signs the document with a key of its own and derives from it
// {command: "round", count} -> {confirm, derive, verify}: milliseconds of one of each, over a round of count
// {command: "verify", document, method} -> {verified, error}: whether it accepts a derived proof made elsewhere
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as sd from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import {createInterface} from 'node:readline';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as vc from '@digitalbazaar/vc';

const controller = 'did:web:issuer.example';
const id = `${controller}#key-1`;
const known = new Map();
const clone = value => JSON.parse(JSON.stringify(value));
let base, derived, selectivePointers;

async function documentLoader(url) {
  const document = known.get(url);
  if(!document) {
    throw new Error(`not known here: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document, tag: 'static'};
}

function addMethod(method) {
  known.set(method.id, method);
  known.set(method.controller, {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: method.controller,
    assertionMethod: [method]
  });
}

async function check(document, cryptosuite) {
  const suite = new DataIntegrityProof({cryptosuite});
  return vc.verifyCredential({credential: document, suite, documentLoader});
}

const disclose = async verifiableCredential => vc.derive({
  verifiableCredential, documentLoader,
  suite: new DataIntegrityProof({cryptosuite: sd.createDiscloseCryptosuite({selectivePointers})})
});

async function timed(inputs, call) {
  const started = performance.now();
  for(const input of inputs) {
    await call(input);
  }
  return (performance.now() - started) / inputs.length;
}

function expect(result) {
  if(!result.verified) {
    throw new Error(`not verified: ${result.error?.errors?.[0]?.message ?? result.error}`);
  }
}

const commands = {
  async prepare({contexts, document, mandatory, selective}) {
    for(const [url, context] of Object.entries(contexts)) {
      known.set(url, context);
    }
    const key = await EcdsaMultikey.generate({curve: 'P-256', id, controller});
    const method = await key.export({publicKey: true, includeContext: true});
    addMethod(method);
    selectivePointers = selective;
    const suite = new DataIntegrityProof({
      signer: key.signer(),
      cryptosuite: sd.createSignCryptosuite({mandatoryPointers: mandatory})
    });
    base = await vc.issue({credential: document, suite, documentLoader});
    derived = await disclose(clone(base));
    expect(await check(clone(base), sd.createConfirmCryptosuite()));
    expect(await check(clone(derived), sd.createVerifyCryptosuite()));
    return {method, base, derived};
  },
  async round({count}) {
    const of = value => Array.from({length: count}, () => clone(value));
    return {
      confirm: await timed(of(base), async one => expect(await check(one, sd.createConfirmCryptosuite()))),
      derive: await timed(of(base), disclose),
      verify: await timed(of(derived), async one => expect(await check(one, sd.createVerifyCryptosuite())))
    };
  },
  async verify({document, method}) {
    addMethod(method);
    const result = await check(document, sd.createVerifyCryptosuite());
    return {verified: result.verified, error: result.error ? String(result.error.errors?.[0]?.message ?? result.error) : null};
  }
};

for await (const line of createInterface({input: process.stdin})) {
  let answer;
  try {
    const request = JSON.parse(line);
    answer = await commands[request.command](request);
  } catch(error) {
    answer = {failed: String(error.stack ?? error)};
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
