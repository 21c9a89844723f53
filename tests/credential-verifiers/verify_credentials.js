// Verifies issuers' signatures on credentials: `node verify_credentials.js MODE FILE...`, a line
// `FILE verified` or `FILE rejected REASON` for each.
//
//   known-proofs   what @digitalbazaar/vc says: the proofs whose cryptosuite it knows count
//   every-proof    verify-all, VC Data Integrity 1.0 section 4.5: each entry of `proof` must verify
//   key-binding    as known-proofs by jsonld-signatures alone, for credentials whose issuer is not
//                  the controller of its key (the W3C's vectors)
//   jws            what jose says of a JWS in JSON form, with the key in its protected header

import {readFile} from 'node:fs/promises';

import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {EmbeddedJWK, flattenedVerify, generalVerify} from 'jose';
import jsigs from 'jsonld-signatures';

import {loaderFor} from './offline_documents.js';

const suite = () => new DataIntegrityProof({cryptosuite});

async function knownProofs(credential) {
  return vc.verifyCredential({
    credential,
    suite: suite(),
    documentLoader: loaderFor(credential),
    // the fixtures are old
    now: new Date(credential.validFrom),
  });
}

async function keyBinding(credential) {
  const purpose = new jsigs.purposes.AssertionProofPurpose();
  return jsigs.verify(credential, {
    suite: suite(), purpose, documentLoader: loaderFor(credential),
  });
}

async function everyProof(credential) {
  for(const proof of [credential.proof].flat()) {
    const result = await knownProofs({...credential, proof});
    if(!result.verified) {
      return result;
    }
  }
  return {verified: true};
}

async function jws(signed) {
  const verify = signed.signatures ? generalVerify : flattenedVerify;
  const {payload} = await verify(signed, EmbeddedJWK);
  return {verified: payload.length > 0};
}

const MODES = {
  'known-proofs': knownProofs,
  'every-proof': everyProof,
  'key-binding': keyBinding,
  jws,
};

function reasons(error) {
  const inner = error?.errors ?? [];
  return [error?.message, ...inner.map(one => one.message)].filter(Boolean).join('; ');
}

const [mode, ...files] = process.argv.slice(2);
const verify = MODES[mode];
if(!verify || files.length === 0) {
  console.error(`usage: verify_credentials.js ${Object.keys(MODES).join('|')} FILE...`);
  process.exit(2);
}
for(const file of files) {
  const document = JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''));
  let result;
  try {
    result = await verify(document);
  } catch(error) {
    result = {verified: false, error};
  }
  const said = result.verified ? 'verified' : `rejected ${reasons(result.error)}`;
  console.log(`${file} ${said.replaceAll('\n', ' ')}`);
}
