// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IAnchorRegistry} from "./IAnchorRegistry.sol";

/// @title A collection of soulbound badge tokens, ERC-721
/// @notice One token per badge of a minted batch. The token *is* the badge's leaf: its id is the
/// batch's commitment (see `IAnchorRegistry`) with the low 32 bits replaced by the leaf's index, so
/// that an inclusion proof ties the token to the badge, on every chain and after every reorg.
///
/// A token never changes hands: it stays with the address to which it was minted until that
/// address burns it. All transfers and approvals revert with `Soulbound`. An owner's address is
/// public for ever, also after a burn.
///
/// Revocation happens in the registry. A revoked token exists and answers; `isValid` is false and
/// its metadata says so.
///
/// The collection must be an operator of its registry, for it anchors what it mints.
///
/// Roles, kept apart:
/// - minters mint (hot keys);
/// - the guardian may pause, and nothing else;
/// - the owner gives and takes the roles, pauses and unpauses and sets the base URI. It moves in
///   two steps and cannot be renounced.
///
/// A pause stops minting. It stops no reading, no replay and no `burn`.
///
/// Interfaces: ERC-165, ERC-721 with metadata, ERC-5192, ERC-4906, ERC-7572.
interface IBadgeToken {
    /// @notice What a collection is deployed with.
    struct Setup {
        /// the registry of this chain; it must make the collection an operator
        IAnchorRegistry registry;
        /// not zero
        address owner;
        /// zero for none
        address guardian;
        address[] minters;
        /// without quotation marks, backslashes and control characters
        string name;
        /// the same
        string symbol;
        /// empty for metadata made on chain
        string baseURI;
        /// whether a mint sends `Locked` for each token, as ERC-5192 recommends; about 1,020 gas
        /// a token
        bool locksAnnounced;
    }

    // ------------------------------------------------------------------------------- events

    /// @notice ERC-721: from zero at the mint, to zero at a burn; there are no others.
    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
    /// @notice ERC-721: never sent.
    event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId);
    /// @notice ERC-721: never sent.
    event ApprovalForAll(address indexed owner, address indexed operator, bool approved);
    /// @notice ERC-5192: sent at the mint, where `locksAnnounced`.
    event Locked(uint256 tokenId);
    /// @notice ERC-5192: never sent.
    event Unlocked(uint256 tokenId);
    /// @notice ERC-4906: the metadata of a token changed, for example by a revocation.
    event MetadataUpdate(uint256 _tokenId);
    /// @notice ERC-4906: the metadata of all tokens changed.
    event BatchMetadataUpdate(uint256 _fromTokenId, uint256 _toTokenId);
    /// @notice ERC-7572: the metadata of the collection changed.
    event ContractURIUpdated();

    /// @notice Metadata are read at `baseURI` from now on.
    event BaseURIChanged(string baseURI);
    /// @notice The base URI can never change again.
    event BaseURIFrozen();
    /// @notice `minter` may mint.
    event MinterAdded(address indexed minter);
    /// @notice `minter` may no longer mint. What it minted stays.
    event MinterRemoved(address indexed minter);
    /// @notice Another guardian, or none where `guardian` is zero.
    event GuardianChanged(address indexed guardian);
    /// @notice Minting was stopped by the owner or the guardian.
    event Paused(address indexed by);
    /// @notice The owner allowed minting again.
    event Unpaused();
    /// @notice The owner offered the ownership to `newOwner`, or withdrew the offer where it is
    /// zero.
    event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner);
    /// @notice `newOwner` is the owner from now on.
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    // ------------------------------------------------------------------------------- errors

    /// @notice Tokens of this collection cannot be transferred, nor approved for a transfer.
    error Soulbound();
    /// @notice There is no such token: it was never minted, or it was burned.
    error UnknownToken(uint256 tokenId);
    /// @notice Only its owner can burn a token.
    error NotTokenOwner(address caller, uint256 tokenId);
    /// @notice A batch has 1 to `MAX_BATCH_SIZE` leaves, and exactly as many owners, 20 bytes each.
    error WrongBatchSize(uint64 leaves, uint256 ownersLength);
    /// @notice The owners of a batch must ascend; equal ones may follow each other.
    error OwnersNotAscending();
    /// @notice Nobody is owner.
    error ZeroOwner();
    /// @notice The batch was minted already, and to others.
    error OwnersDiffer(bytes32 commitment);
    /// @notice The collection holds `MAX_BATCHES` batches; the next volume is another collection.
    error CollectionFull();
    /// @notice A page of nothing would never end.
    error EmptyPage();
    /// @notice The base URI was made final.
    error BaseURIIsFrozen();
    /// @notice A name in metadata made on chain must not need escaping in JSON.
    error UnprintableName();
    /// @notice The zero address can hold no role that is added.
    error ZeroAddress();
    /// @notice `caller` is no minter.
    error NotMinter(address caller);
    /// @notice `caller` is neither a minter nor the owner.
    error NotMinterNorOwner(address caller);
    /// @notice `caller` is not the owner of the collection.
    error NotOwner(address caller);
    /// @notice `caller` is not the address to which the ownership was offered.
    error NotPendingOwner(address caller);
    /// @notice `caller` is neither the guardian nor the owner.
    error NotGuardian(address caller);
    /// @notice Minters cannot mint while the collection is paused.
    error WritingPaused();
    /// @notice A collection without an owner could never be unpaused, nor lose a stolen minter.
    error OwnershipNotRenounceable();
    /// @notice There is no contract at the registry's address.
    error NoRegistry(address registry);
    /// @notice This chain has no working SHA-256 precompile; no commitment could be computed.
    error Sha256Unavailable();
    /// @notice On this chain a contract's code is not kept where it was expected, or not as it was
    /// given. At deployment: use `BadgeTokenStorage` here.
    error CodeCannotCarryData();

    // ------------------------------------------------------------------------------- batches

    /// @notice Mints a batch: the badge at leaf i to owner i. Computes the commitment
    /// (without a Blockcerts root), anchors it in the registry where it is not yet anchored, and
    /// creates the tokens; all or nothing. No code of an owner is called.
    ///
    /// A batch that was minted to the same owners returns silently, before any role or pause is
    /// looked at: replays are harmless. To other owners it reverts with `OwnersDiffer`.
    /// @dev By minters, unless paused.
    /// @param treeSize number of leaves, 1 to `MAX_BATCH_SIZE`
    /// @param root RFC 9162 tree hash of the batch
    /// @param owners as many as leaves, ascending, none of them zero; 20 bytes each without padding,
    /// which saves 68 gas a token against an `address[]`
    function mint(uint64 treeSize, bytes32 root, bytes calldata owners) external;

    /// @notice Where the batch stands in this collection.
    /// @return number counted from 1, zero where it is not minted
    /// @return size number of its tokens, with those that were burned
    function batchOf(bytes32 commitment) external view returns (uint256 number, uint256 size);

    /// @notice The batch with this number.
    /// @return commitment zero where there is none
    /// @return size number of its tokens, with those that were burned
    function batchAt(uint256 number) external view returns (bytes32 commitment, uint256 size);

    /// @notice To whom the batch was minted: `keccak256(0x00 ‖ commitment ‖ owners)`, 20 bytes an
    /// owner; zero where it is not minted. Burning changes nothing of it.
    function ownersHash(bytes32 commitment) external view returns (bytes32);

    /// @notice Number of minted batches.
    function batchCount() external view returns (uint256);

    /// @notice Number of tokens that were minted and not burned.
    function totalSupply() external view returns (uint256);

    /// @notice Most batches of a collection; it bounds the cost of `balanceOf`.
    function MAX_BATCHES() external view returns (uint256);

    /// @notice Most leaves of a batch.
    function MAX_BATCH_SIZE() external view returns (uint256);

    // ------------------------------------------------------------------------------- tokens

    /// @notice Gives a token up, for ever.
    /// @dev By its owner, also while paused.
    function burn(uint256 tokenId) external;

    /// @notice The owner of a token. Reverts with `UnknownToken`.
    function ownerOf(uint256 tokenId) external view returns (address);

    /// @notice Number of tokens of `account`, exact. It looks into every batch; other contracts
    /// should ask for one token instead, or use `balanceIn`. Reverts for the zero address.
    function balanceOf(address account) external view returns (uint256);

    /// @notice Number of tokens of `account` in the batches from `fromBatch` to `toBatch`, both
    /// included. Numbers without a batch count nothing. Reverts for the zero address.
    function balanceIn(address account, uint256 fromBatch, uint256 toBatch)
        external
        view
        returns (uint256);

    /// @notice The tokens of `account`, in the order of batches and leaves, page by page.
    /// Reverts for the zero address.
    /// @param cursor 0 for the first page, then what the page before returned as `next`
    /// @param limit most ids of a page, cut to `MAX_BATCH_SIZE`; not zero
    /// @param maxBatches most batches to look into; not zero
    /// @return ids can be empty though there are more pages
    /// @return next 0 after the last page
    function tokensOf(address account, uint256 cursor, uint256 limit, uint256 maxBatches)
        external
        view
        returns (uint256[] memory ids, uint256 next);

    /// @notice Whether the token exists and its badge is not revoked in the registry. Never
    /// reverts. It does not know what stands in the badge, such as an expiry date.
    function isValid(uint256 tokenId) external view returns (bool);

    /// @notice Whether the token exists and is the one of the badge with this digest, of this
    /// issuer. It does *not* look at revocation: ask `isValid`. Parameters as in
    /// `IAnchorRegistry.verifyEntry`.
    /// @dev Use `eth_call`. In a transaction salt and digest become public for ever. False for
    /// what does not verify.
    function verifyBadge(
        uint256 tokenId,
        bytes32 root,
        uint8 rule,
        bytes32 issuer,
        bytes32 digest,
        bytes32 salt,
        bytes32[] calldata path
    ) external view returns (bool);

    /// @notice ERC-5192: true. Reverts with `UnknownToken`.
    function locked(uint256 tokenId) external view returns (bool);

    /// @notice ERC-721: zero. Reverts with `UnknownToken`.
    function getApproved(uint256 tokenId) external view returns (address);

    /// @notice ERC-721: false.
    function isApprovedForAll(address account, address operator) external view returns (bool);

    /// @notice Always reverts with `Soulbound`.
    function approve(address to, uint256 tokenId) external;

    /// @notice Always reverts with `Soulbound`.
    function setApprovalForAll(address operator, bool approved) external;

    /// @notice Always reverts with `Soulbound`.
    function transferFrom(address from, address to, uint256 tokenId) external;

    /// @notice Always reverts with `Soulbound`.
    function safeTransferFrom(address from, address to, uint256 tokenId) external;

    /// @notice Always reverts with `Soulbound`.
    function safeTransferFrom(address from, address to, uint256 tokenId, bytes calldata data)
        external;

    // ------------------------------------------------------------------------------- metadata

    /// @notice The collection's name.
    function name() external view returns (string memory);

    /// @notice The collection's short name.
    function symbol() external view returns (string memory);

    /// @notice Where metadata are read; empty where they are made on chain.
    function baseURI() external view returns (string memory);

    /// @notice Whether `baseURI` is final.
    function baseURIFrozen() external view returns (bool);

    /// @notice `baseURI ‖ tokenId` in decimal, or a `data:` URI with a minimal JSON document where
    /// the base URI is empty. Reverts with `UnknownToken`.
    function tokenURI(uint256 tokenId) external view returns (string memory);

    /// @notice ERC-7572: `baseURI ‖ "contract"`, or a `data:` URI where the base URI is empty.
    function contractURI() external view returns (string memory);

    /// @notice Moves the metadata; empty for metadata made on chain.
    /// @dev By the owner, unless frozen.
    function setBaseURI(string calldata newBaseURI) external;

    /// @notice Makes the base URI final. Repeating it changes nothing.
    /// @dev By the owner.
    function freezeBaseURI() external;

    /// @notice Sends `MetadataUpdate` for tokens whose badge was revoked or reinstated. Reverts
    /// with `UnknownToken`.
    /// @dev By minters and the owner, also while paused: it changes nothing.
    function announceMetadata(uint256[] calldata tokenIds) external;

    /// @notice ERC-165.
    function supportsInterface(bytes4 interfaceId) external view returns (bool);

    // ------------------------------------------------------------------------------- roles

    /// @notice Makes `minter` a minter.
    /// @dev By the owner.
    function addMinter(address minter) external;

    /// @notice Takes the role from `minter`; nothing happens where it has none.
    /// @dev By the owner, also while paused.
    function removeMinter(address minter) external;

    /// @notice Replaces the guardian; zero for none.
    /// @dev By the owner.
    function setGuardian(address newGuardian) external;

    /// @notice Stops minting.
    /// @dev By the guardian or the owner. Nothing happens where the collection is paused.
    function pause() external;

    /// @notice Lets minters mint again.
    /// @dev By the owner. Nothing happens where the collection is not paused.
    function unpause() external;

    /// @notice Offers the ownership to `newOwner`, who must accept; zero withdraws an offer.
    /// @dev By the owner.
    function transferOwnership(address newOwner) external;

    /// @notice Takes the ownership that was offered.
    /// @dev By the pending owner.
    function acceptOwnership() external;

    /// @notice Always reverts with `OwnershipNotRenounceable`.
    function renounceOwnership() external pure;

    /// @notice Whether `account` may mint while the collection is not paused.
    function isMinter(address account) external view returns (bool);

    /// @notice The address that may pause, zero for none.
    function guardian() external view returns (address);

    /// @notice Whether minting is stopped.
    function paused() external view returns (bool);

    /// @notice The owner of the collection.
    function owner() external view returns (address);

    /// @notice To whom the ownership is offered, zero for nobody.
    function pendingOwner() external view returns (address);

    /// @notice Where this collection's batches are anchored and revoked.
    function registry() external view returns (IAnchorRegistry);

    /// @notice Whether a mint sends `Locked` for each token.
    function locksAnnounced() external view returns (bool);

    /// @notice Which contract this is: `ingam-token/1`.
    function version() external pure returns (string memory);
}
