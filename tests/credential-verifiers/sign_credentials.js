// Signs one credential, in Korean, in every way that the fixtures of others lack: `node
// sign_credentials.js FOLDER` writes eddsa-rdfc-2022.json, flattened.jws.json, general.jws.json.
// The key is the first one of RFC 8032 section 7.1: known to all. Ed25519 draws nothing, so the
// same bytes come out each time.

import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';

import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {FlattenedSign, GeneralSign, importJWK} from 'jose';

import {loaderFor} from './offline_documents.js';

const SECRET = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
const CREATED = '2026-03-01T09:30:00Z';

const key = await Ed25519Multikey.generate({seed: SECRET});
key.controller = `did:key:${key.publicKeyMultibase}`;
key.id = `${key.controller}#${key.publicKeyMultibase}`;

const CREDENTIAL = {
  '@context': [
    'https://www.w3.org/ns/credentials/v2',
    'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json',
  ],
  id: 'urn:uuid:7e0f7a52-6c1f-4f0e-9d5e-2f1c7a1b2c3d',
  type: ['VerifiableCredential', 'OpenBadgeCredential'],
  issuer: {id: key.controller, type: ['Profile'], name: '한빛대학교'},
  validFrom: CREATED,
  name: '반도체 공정 기초',
  credentialSubject: {
    type: ['AchievementSubject'],
    achievement: {
      id: 'urn:uuid:0f3c5f9a-3f1e-4c7e-8a43-6a2b6f0d9b11',
      type: ['Achievement'],
      name: '반도체 공정 기초',
      description: '반도체 8대 공정의 원리를 설명할 수 있다.',
      criteria: {narrative: '시험 60점 이상, 실습 2회.'},
    },
  },
};

async function dataIntegrity() {
  const credential = structuredClone(CREDENTIAL);
  const suite = new DataIntegrityProof({signer: key.signer(), cryptosuite, date: CREATED});
  const documentLoader = loaderFor({proof: {verificationMethod: key.id}});
  return vc.issue({credential, suite, documentLoader, now: new Date(CREATED)});
}

async function jws(general) {
  const {publicKey, secretKey} = await key.export({publicKey: true, secretKey: true, raw: true});
  const publicJwk = {
    kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url'),
  };
  const d = Buffer.from(secretKey).subarray(0, 32).toString('base64url');
  const secret = await importJWK({...publicJwk, d}, 'EdDSA');
  const header = {alg: 'EdDSA', typ: 'vc', jwk: publicJwk};
  const payload = new TextEncoder().encode(JSON.stringify(CREDENTIAL));
  if(general) {
    const signing = new GeneralSign(payload);
    signing.addSignature(secret).setProtectedHeader(header);
    return signing.sign();
  }
  return new FlattenedSign(payload).setProtectedHeader(header).sign(secret);
}

const [folder] = process.argv.slice(2);
if(!folder) {
  console.error('usage: sign_credentials.js FOLDER');
  process.exit(2);
}
await mkdir(folder, {recursive: true});
for(const [name, credential] of Object.entries({
  'eddsa-rdfc-2022.json': await dataIntegrity(),
  'flattened.jws.json': await jws(false),
  'general.jws.json': await jws(true),
})) {
  await writeFile(join(folder, name), `${JSON.stringify(credential, null, 2)}\n`);
}
