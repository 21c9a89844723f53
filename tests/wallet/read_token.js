// What a wallet reads of a token before it shows it, with viem and the ABI of the standards, never
// ours. Prints one JSON object.
//
//   node read_token.js RPC CONTRACT TOKEN_ID
//
// The metadata are fetched from where tokenURI and contractURI lead, following no redirect, with an
// Origin as a web page would send it.

import { createPublicClient, getAddress, http, parseAbi } from "viem";

const ABI = parseAbi([
  "function supportsInterface(bytes4) view returns (bool)",
  "function name() view returns (string)",
  "function symbol() view returns (string)",
  "function ownerOf(uint256) view returns (address)",
  "function balanceOf(address) view returns (uint256)",
  "function tokenURI(uint256) view returns (string)",
  "function locked(uint256) view returns (bool)",
  "function contractURI() view returns (string)",
  "event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)",
  "event Locked(uint256 tokenId)",
]);

const INTERFACES = {
  "ERC-165": "0x01ffc9a7",
  "ERC-721": "0x80ac58cd",
  "ERC-721 metadata": "0x5b5e139f",
  "ERC-5192": "0xb45a3c0e",
  "ERC-4906": "0x49064906",
  none: "0xffffffff",
};

/** `null` where the call reverts, as for a burned token. */
async function unlessReverted(call) {
  try {
    return await call;
  } catch (error) {
    if (error.name === "ContractFunctionExecutionError") return null;
    throw error;
  }
}

async function fetched(uri) {
  if (uri === null) return null;
  const answer = await fetch(uri, { redirect: "error", headers: { origin: "https://a-wallet.example" } });
  return {
    status: answer.status,
    type: answer.headers.get("content-type"),
    openTo: answer.headers.get("access-control-allow-origin"),
    document: answer.ok ? await answer.json() : null,
  };
}

const [rpc, contract, id] = process.argv.slice(2);
const client = createPublicClient({ transport: http(rpc) });
const address = getAddress(contract);
const tokenId = BigInt(id);
const read = (functionName, ...args) => client.readContract({ address, abi: ABI, functionName, args });
const logs = (eventName, args) =>
  client.getContractEvents({ address, abi: ABI, eventName, args, fromBlock: 0n, strict: true });

const interfaces = {};
for (const [name, code] of Object.entries(INTERFACES)) interfaces[name] = await read("supportsInterface", code);
const owner = await unlessReverted(read("ownerOf", tokenId));
const uri = await unlessReverted(read("tokenURI", tokenId));
const transfers = await logs("Transfer", { tokenId });
const locks = (await logs("Locked")).filter((log) => log.args.tokenId === tokenId);
const refused = await unlessReverted(
  client.simulateContract({
    account: owner ?? address,
    address,
    abi: parseAbi(["function transferFrom(address, address, uint256)"]),
    functionName: "transferFrom",
    args: [owner ?? address, address, tokenId],
  }),
);

console.log(
  JSON.stringify({
    interfaces,
    name: await read("name"),
    symbol: await read("symbol"),
    owner,
    balance: owner && Number(await read("balanceOf", owner)),
    locked: await unlessReverted(read("locked", tokenId)),
    transferable: refused !== null,
    tokenURI: uri,
    metadata: await fetched(uri),
    collection: await fetched(await read("contractURI")),
    transfers: transfers.map(({ args }) => ({ from: args.from, to: args.to })),
    locks: locks.length,
  }),
);
