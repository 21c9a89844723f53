// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity 0.8.37;

import {IAnchorRegistry} from "./IAnchorRegistry.sol";
import {InclusionProof} from "./InclusionProof.sol";

/// @title The public register of batch commitments
/// @notice See `IAnchorRegistry`. There is no proxy and no upgrade: what this code promises, it
/// promises for ever.
contract AnchorRegistry is IAnchorRegistry {
    /// @dev One slot, 0 where not anchored: `operator (160 bits) ‖ timestamp (48) ‖ blockNumber
    /// (48)`. Packed by hand, for three fields cost 300 gas more per anchor.
    struct Anchor {
        uint256 packed;
    }

    /// @inheritdoc IAnchorRegistry
    uint256 public constant MAX_OPERATORS = 16;

    /// @inheritdoc IAnchorRegistry
    address public owner;
    /// @inheritdoc IAnchorRegistry
    address public pendingOwner;
    /// @inheritdoc IAnchorRegistry
    address public guardian;
    /// @inheritdoc IAnchorRegistry
    bool public paused;
    /// @inheritdoc IAnchorRegistry
    mapping(address account => OperatorState) public operatorState;
    /// @dev Those whose `operatorState` is not `None`; a pause goes through them.
    address[] private _operators;
    /// @inheritdoc IAnchorRegistry
    mapping(address account => bool) public isRevoker;

    mapping(bytes32 commitment => Anchor) private _anchors;
    /// @dev Bit `index % 256` of word `index / 256` is the badge at `index`.
    mapping(bytes32 commitment => mapping(uint256 word => uint256 bits)) private _revokedBits;
    mapping(bytes32 commitment => bool) private _batchRevoked;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    modifier onlyAnchored(bytes32 commitment) {
        if (_anchors[commitment].packed == 0) revert NotAnchored(commitment);
        _;
    }

    /// @notice All roles at once, so that a deployment is one transaction and the deployer's key
    /// is left without power.
    /// @param firstOwner not zero
    /// @param firstGuardian zero for none
    /// @param firstOperators at most `MAX_OPERATORS`
    /// @param firstRevokers any number
    constructor(
        address firstOwner,
        address firstGuardian,
        address[] memory firstOperators,
        address[] memory firstRevokers
    ) {
        if (sha256("") != 0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855) {
            revert Sha256Unavailable();
        }
        if (firstOwner == address(0)) revert ZeroAddress();
        _setOwner(firstOwner);
        _setGuardian(firstGuardian);
        for (uint256 i = 0; i < firstOperators.length; ++i) {
            _addOperator(firstOperators[i]);
        }
        for (uint256 i = 0; i < firstRevokers.length; ++i) {
            _addRevoker(firstRevokers[i]);
        }
    }

    // ------------------------------------------------------------------------------- anchoring

    /// @inheritdoc IAnchorRegistry
    function anchor(bytes32 commitment) public {
        Anchor storage record = _anchors[commitment];
        if (record.packed != 0) return;
        if (commitment == 0) revert ZeroCommitment();

        OperatorState state = operatorState[msg.sender];
        if (state != OperatorState.Active) {
            if (state == OperatorState.Paused) revert WritingPaused();
            revert NotOperator(msg.sender);
        }
        record.packed = (uint256(uint160(msg.sender)) << 96)
            | (uint256(uint48(block.timestamp)) << 48) | uint48(block.number);
        emit Anchored(commitment, msg.sender);
    }

    /// @notice The short form of `anchor`: the call's data is the 32 bytes of the commitment.
    fallback() external {
        if (msg.data.length != 32) revert UnknownFunction(msg.sig);
        anchor(bytes32(msg.data));
    }

    /// @inheritdoc IAnchorRegistry
    function anchored(bytes32 commitment)
        external
        view
        returns (address operator, uint64 timestamp, uint64 blockNumber)
    {
        uint256 packed = _anchors[commitment].packed;
        // the casts cut the fields out
        // forge-lint: disable-next-line(unsafe-typecast)
        return (address(uint160(packed >> 96)), uint48(packed >> 48), uint48(packed));
    }

    // ------------------------------------------------------------------------------- revocation

    /// @inheritdoc IAnchorRegistry
    function revoke(bytes32 commitment, uint64[] calldata indexes, uint8 reason)
        external
        onlyAnchored(commitment)
    {
        if (!isRevoker[msg.sender]) revert NotRevoker(msg.sender);
        if (paused) revert WritingPaused();
        _setBits(commitment, indexes, true);
        emit Revoked(commitment, msg.sender, reason, indexes);
    }

    /// @inheritdoc IAnchorRegistry
    function reinstate(bytes32 commitment, uint64[] calldata indexes)
        external
        onlyOwner
        onlyAnchored(commitment)
    {
        _setBits(commitment, indexes, false);
        emit Reinstated(commitment, indexes);
    }

    /// @inheritdoc IAnchorRegistry
    function revokeBatch(bytes32 commitment, uint8 reason)
        external
        onlyOwner
        onlyAnchored(commitment)
    {
        _batchRevoked[commitment] = true;
        emit BatchRevoked(commitment, reason);
    }

    /// @inheritdoc IAnchorRegistry
    function reinstateBatch(bytes32 commitment) external onlyOwner onlyAnchored(commitment) {
        _batchRevoked[commitment] = false;
        emit BatchReinstated(commitment);
    }

    /// @inheritdoc IAnchorRegistry
    function revoked(bytes32 commitment, uint64 index) external view returns (bool) {
        uint256 bits = _revokedBits[commitment][index >> 8];
        return (bits >> (index & 0xff)) & 1 == 1 || _batchRevoked[commitment];
    }

    function _setBits(bytes32 commitment, uint64[] calldata indexes, bool value) private {
        mapping(uint256 word => uint256 bits) storage words = _revokedBits[commitment];
        for (uint256 i = 0; i < indexes.length; ++i) {
            uint64 index = indexes[i];
            if (index >= InclusionProof.MAX_SIZE) revert IndexOutOfRange(index);
            uint256 bit = uint256(1) << (index & 0xff);
            if (value) words[index >> 8] |= bit;
            else words[index >> 8] &= ~bit;
        }
    }

    // ------------------------------------------------------------------------------- verification

    /// @inheritdoc IAnchorRegistry
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
    ) external view returns (bool) {
        bytes32 leaf = sha256(abi.encodePacked(hex"0001", rule, issuer, digest, salt));
        return verifyLeaf(commitment, treeSize, root, blockcertsRoot, leaf, index, path);
    }

    /// @inheritdoc IAnchorRegistry
    function verifyLeaf(
        bytes32 commitment,
        uint64 treeSize,
        bytes32 root,
        bytes32 blockcertsRoot,
        bytes32 leaf,
        uint64 index,
        bytes32[] calldata path
    ) public view returns (bool) {
        return _anchors[commitment].packed != 0
            && sha256(abi.encodePacked(hex"02", treeSize, root, blockcertsRoot)) == commitment
            && InclusionProof.verify(leaf, index, treeSize, root, path);
    }

    // ------------------------------------------------------------------------------- roles

    /// @inheritdoc IAnchorRegistry
    function addOperator(address operator) external onlyOwner {
        _addOperator(operator);
    }

    /// @inheritdoc IAnchorRegistry
    function removeOperator(address operator) external onlyOwner {
        if (operatorState[operator] == OperatorState.None) return;
        delete operatorState[operator];
        uint256 last = _operators.length - 1;
        uint256 i = 0;
        while (_operators[i] != operator) ++i;
        _operators[i] = _operators[last];
        _operators.pop();
        emit OperatorRemoved(operator);
    }

    /// @inheritdoc IAnchorRegistry
    function addRevoker(address revoker) external onlyOwner {
        _addRevoker(revoker);
    }

    /// @inheritdoc IAnchorRegistry
    function removeRevoker(address revoker) external onlyOwner {
        if (!isRevoker[revoker]) return;
        isRevoker[revoker] = false;
        emit RevokerRemoved(revoker);
    }

    /// @inheritdoc IAnchorRegistry
    function setGuardian(address newGuardian) external onlyOwner {
        _setGuardian(newGuardian);
    }

    /// @inheritdoc IAnchorRegistry
    function pause() external {
        if (msg.sender != guardian && msg.sender != owner) revert NotGuardian(msg.sender);
        if (paused) return;
        _setPaused(true);
        emit Paused(msg.sender);
    }

    /// @inheritdoc IAnchorRegistry
    function unpause() external onlyOwner {
        if (!paused) return;
        _setPaused(false);
        emit Unpaused();
    }

    /// @inheritdoc IAnchorRegistry
    function transferOwnership(address newOwner) external onlyOwner {
        pendingOwner = newOwner;
        emit OwnershipTransferStarted(owner, newOwner);
    }

    /// @inheritdoc IAnchorRegistry
    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert NotPendingOwner(msg.sender);
        delete pendingOwner;
        _setOwner(msg.sender);
    }

    /// @inheritdoc IAnchorRegistry
    function renounceOwnership() external pure {
        revert OwnershipNotRenounceable();
    }

    /// @inheritdoc IAnchorRegistry
    function operators() external view returns (address[] memory) {
        return _operators;
    }

    /// @inheritdoc IAnchorRegistry
    function version() external pure returns (string memory) {
        return "ingam-registry/1";
    }

    function _addOperator(address operator) private {
        if (operator == address(0)) revert ZeroAddress();
        if (operatorState[operator] != OperatorState.None) return;
        if (_operators.length == MAX_OPERATORS) revert TooManyOperators();
        operatorState[operator] = _writingState();
        _operators.push(operator);
        emit OperatorAdded(operator);
    }

    function _addRevoker(address revoker) private {
        if (revoker == address(0)) revert ZeroAddress();
        if (isRevoker[revoker]) return;
        isRevoker[revoker] = true;
        emit RevokerAdded(revoker);
    }

    function _setGuardian(address newGuardian) private {
        guardian = newGuardian;
        emit GuardianChanged(newGuardian);
    }

    function _setOwner(address newOwner) private {
        emit OwnershipTransferred(owner, newOwner);
        owner = newOwner;
    }

    function _setPaused(bool value) private {
        paused = value;
        OperatorState state = _writingState();
        uint256 count = _operators.length;
        for (uint256 i = 0; i < count; ++i) {
            operatorState[_operators[i]] = state;
        }
    }

    /// @dev The state of every operator.
    function _writingState() private view returns (OperatorState) {
        return paused ? OperatorState.Paused : OperatorState.Active;
    }
}
