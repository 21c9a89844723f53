// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title The public register of batch commitments
/// @notice Keeps one 32-byte commitment per batch of badges, with who wrote it and when, and one
/// revocation bit per badge. Everything written can be read for ever by anyone: nothing but the
/// two kinds of revocation ever changes, and a pause stops writing, never reading.
///
/// A commitment is `SHA-256(0x02 ‖ treeSize (8 bytes, big-endian) ‖ root ‖ blockcertsRoot)`, where
/// `root` is the RFC 9162 tree hash (SHA-256) of the batch's leaves and `blockcertsRoot` is 32 zero
/// bytes where the batch has no second, Blockcerts tree. A leaf is `SHA-256(0x00 ‖ entry)`, an
/// entry is `0x01 ‖ rule (1 byte) ‖ issuer ‖ digest ‖ salt` (32 bytes each), and the position of a
/// badge is the index of its leaf, counted from 0.
///
/// Roles, kept apart:
/// - operators anchor (hot keys, at most `MAX_OPERATORS`);
/// - revokers set revocation bits of single badges;
/// - the guardian may pause, and nothing else;
/// - the owner gives and takes the roles, pauses and unpauses, takes revocations back and revokes
///   whole batches. It moves in two steps and cannot be renounced.
interface IAnchorRegistry {
    /// @notice What an address may do about anchoring. A pause is written into every operator's
    /// own entry, so that an unpaused `anchor` reads no second slot.
    enum OperatorState {
        None,
        Active,
        Paused
    }

    // ------------------------------------------------------------------------------- events

    /// @notice `commitment` was written, for the first and only time, by `operator`.
    event Anchored(bytes32 indexed commitment, address indexed operator);
    /// @notice The badges at `indexes` of the batch were revoked. Sent for every call, also where
    /// bits were set already.
    /// @param reason a CRLReason of RFC 5280 section 5.3.1, 0 for unspecified; never free text,
    /// for what is written here can never be erased
    event Revoked(
        bytes32 indexed commitment, address indexed revoker, uint8 indexed reason, uint64[] indexes
    );
    /// @notice The owner took the revocation of the badges at `indexes` of the batch back.
    event Reinstated(bytes32 indexed commitment, uint64[] indexes);
    /// @notice The owner revoked all badges of the batch.
    /// @param reason as in `Revoked`
    event BatchRevoked(bytes32 indexed commitment, uint8 indexed reason);
    /// @notice The owner took the revocation of the batch back; revocations of single badges stay.
    event BatchReinstated(bytes32 indexed commitment);

    /// @notice `operator` may anchor.
    event OperatorAdded(address indexed operator);
    /// @notice `operator` may no longer anchor. What it anchored stays.
    event OperatorRemoved(address indexed operator);
    /// @notice `revoker` may revoke single badges.
    event RevokerAdded(address indexed revoker);
    /// @notice `revoker` may no longer revoke. What it revoked stays.
    event RevokerRemoved(address indexed revoker);
    /// @notice Another guardian, or none where `guardian` is zero.
    event GuardianChanged(address indexed guardian);
    /// @notice Writing was stopped by the owner or the guardian.
    event Paused(address indexed by);
    /// @notice The owner allowed writing again.
    event Unpaused();
    /// @notice The owner offered the ownership to `newOwner`, or withdrew the offer where it is
    /// zero.
    event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner);
    /// @notice `newOwner` is the owner from now on.
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    // ------------------------------------------------------------------------------- errors

    /// @notice The zero commitment means "none" and cannot be anchored.
    error ZeroCommitment();
    /// @notice The zero address can hold no role that is added.
    error ZeroAddress();
    /// @notice A bit can be set or cleared only in a batch that is anchored.
    error NotAnchored(bytes32 commitment);
    /// @notice No tree has a leaf at `index`: trees end before 2^32 − 1 leaves.
    error IndexOutOfRange(uint64 index);
    /// @notice `caller` is no operator.
    error NotOperator(address caller);
    /// @notice `caller` is no revoker.
    error NotRevoker(address caller);
    /// @notice `caller` is not the owner.
    error NotOwner(address caller);
    /// @notice `caller` is not the address to which the ownership was offered.
    error NotPendingOwner(address caller);
    /// @notice `caller` is neither the guardian nor the owner.
    error NotGuardian(address caller);
    /// @notice Operators and revokers cannot write while the registry is paused.
    error WritingPaused();
    /// @notice There are `MAX_OPERATORS` operators already.
    error TooManyOperators();
    /// @notice A registry without an owner could never be unpaused, nor lose a stolen operator.
    error OwnershipNotRenounceable();
    /// @notice No function has this selector, and the call's data is not the 32 bytes of a
    /// commitment either.
    error UnknownFunction(bytes4 selector);
    /// @notice This chain has no working SHA-256 precompile; no proof could be checked on it.
    error Sha256Unavailable();

    // ------------------------------------------------------------------------------- anchoring

    /// @notice Writes `commitment` with its operator, block time and block number, once.
    /// A known commitment returns silently, before any role or pause is looked at: replays are
    /// harmless, and nobody can make an operator's transaction fail by sending it first.
    /// @dev By active operators. The same is done by a call whose data is exactly the 32 bytes of
    /// a commitment, for Blockcerts verifiers and explorers, which want the transaction's input to
    /// *be* the value. 32 bytes that begin with a selector of this interface are dispatched to
    /// that function instead: callers must look for that before they use the short form.
    function anchor(bytes32 commitment) external;

    /// @notice Who anchored `commitment`, and when.
    /// @return operator zero where the commitment is not anchored
    /// @return timestamp block time in seconds since 1970; zero where not anchored
    /// @return blockNumber as the chain's virtual machine tells it (on Arbitrum the parent
    /// chain's): advisory
    function anchored(bytes32 commitment)
        external
        view
        returns (address operator, uint64 timestamp, uint64 blockNumber);

    // ------------------------------------------------------------------------------- revocation

    /// @notice Revokes the badges at `indexes` of an anchored batch. Repeating it changes nothing.
    /// It tells a stranger nothing: without its salt a badge cannot be tied to an index.
    /// @dev By revokers, unless paused. A slot holds 256 neighbours, so those are cheap together.
    /// The registry does not know the batch's size: bits beyond it mean nothing.
    /// @param reason a CRLReason of RFC 5280 section 5.3.1, 0 for unspecified
    function revoke(bytes32 commitment, uint64[] calldata indexes, uint8 reason) external;

    /// @notice Takes back what `revoke` did. Where the whole batch is revoked its badges stay so.
    /// @dev By the owner, also while paused.
    function reinstate(bytes32 commitment, uint64[] calldata indexes) external;

    /// @notice Revokes all badges of an anchored batch, the remedy for a batch written with a
    /// stolen operator key. Repeating it changes nothing.
    /// @dev By the owner, also while paused.
    /// @param reason a CRLReason of RFC 5280 section 5.3.1, 0 for unspecified
    function revokeBatch(bytes32 commitment, uint8 reason) external;

    /// @notice Takes back what `revokeBatch` did; badges that were revoked singly stay so.
    /// @dev By the owner, also while paused.
    function reinstateBatch(bytes32 commitment) external;

    /// @notice Whether the badge at `index` is revoked, singly or with its batch. False for a
    /// commitment that is not anchored: it has nothing that could be revoked.
    function revoked(bytes32 commitment, uint64 index) external view returns (bool);

    // ------------------------------------------------------------------------------- verification

    /// @notice Whether the badge with this digest, of this issuer, is in an anchored batch. Computes
    /// entry, leaf, root and commitment itself. It does *not* look at revocation: ask `revoked`.
    /// @dev Use `eth_call`. In a transaction salt and digest become public for ever. Never reverts
    /// on values of the right type: what does not verify is false, and so is a proof whose path is
    /// not exactly as long as (index, treeSize) demand.
    /// @param treeSize number of leaves, 1 to 2^32 − 1
    /// @param root RFC 9162 tree hash of the batch
    /// @param blockcertsRoot zero where the batch has no Blockcerts tree
    /// @param rule code of the rule by which `digest` was made
    /// @param issuer SHA-256 of the issuer's registered identifier
    /// @param digest of the badge, by `rule`
    /// @param salt the 32 random bytes of this entry
    /// @param index position of the leaf, less than `treeSize`
    /// @param path sibling hashes from the leaf upwards (RFC 9162 section 2.1.3)
    function verifyEntry(
        bytes32 commitment,
        uint64 treeSize,
        bytes32 root,
        bytes32 blockcertsRoot,
        uint8 rule,
        bytes32 issuer,
        bytes32 digest,
        bytes32 salt,
        uint64 index,
        bytes32[] calldata path
    ) external view returns (bool);

    /// @notice Position only: whether `leaf` stands at `index` of an anchored batch. A caller who
    /// did not hash the entry itself learns nothing about a badge from it; an inner node of the
    /// tree is no leaf, and only the hash of an entry proves that. Integrators want `verifyEntry`.
    /// @dev Parameters as in `verifyEntry`.
    function verifyLeaf(
        bytes32 commitment,
        uint64 treeSize,
        bytes32 root,
        bytes32 blockcertsRoot,
        bytes32 leaf,
        uint64 index,
        bytes32[] calldata path
    ) external view returns (bool);

    // ------------------------------------------------------------------------------- roles

    /// @notice Makes `operator` an operator: active, or paused while the registry is. An operator
    /// stays what it is.
    /// @dev By the owner.
    function addOperator(address operator) external;

    /// @notice Takes the role from `operator`; nothing happens where it has none.
    /// @dev By the owner, also while paused.
    function removeOperator(address operator) external;

    /// @notice Makes `revoker` a revoker.
    /// @dev By the owner.
    function addRevoker(address revoker) external;

    /// @notice Takes the role from `revoker`; nothing happens where it has none.
    /// @dev By the owner, also while paused.
    function removeRevoker(address revoker) external;

    /// @notice Replaces the guardian; zero for none.
    /// @dev By the owner.
    function setGuardian(address newGuardian) external;

    /// @notice Stops operators and revokers. The owner can still reinstate, revoke batches and
    /// change roles; everything can still be read, and known commitments still be replayed.
    /// @dev By the guardian or the owner. Nothing happens where the registry is paused.
    function pause() external;

    /// @notice Lets operators and revokers write again.
    /// @dev By the owner. Nothing happens where the registry is not paused.
    function unpause() external;

    /// @notice Offers the ownership to `newOwner`, who must accept; zero withdraws an offer.
    /// @dev By the owner.
    function transferOwnership(address newOwner) external;

    /// @notice Takes the ownership that was offered.
    /// @dev By the pending owner.
    function acceptOwnership() external;

    /// @notice Always reverts with `OwnershipNotRenounceable`.
    function renounceOwnership() external pure;

    /// @notice Whether `account` may anchor now: none, active, paused.
    function operatorState(address account) external view returns (OperatorState);

    /// @notice All operators, in no order.
    function operators() external view returns (address[] memory);

    /// @notice Whether `account` may revoke single badges while the registry is not paused.
    function isRevoker(address account) external view returns (bool);

    /// @notice The address that may pause, zero for none.
    function guardian() external view returns (address);

    /// @notice Whether operators and revokers are stopped.
    function paused() external view returns (bool);

    /// @notice The owner.
    function owner() external view returns (address);

    /// @notice To whom the ownership is offered, zero for nobody.
    function pendingOwner() external view returns (address);

    /// @notice Most operators at one time; it bounds the cost of a pause.
    function MAX_OPERATORS() external view returns (uint256);

    /// @notice Which registry this is, and by which formats it verifies: `ingam-registry/1`.
    function version() external pure returns (string memory);
}
