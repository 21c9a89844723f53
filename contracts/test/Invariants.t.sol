// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Base} from "./Base.sol";
import {AnchorRegistry} from "src/AnchorRegistry.sol";
import {IAnchorRegistry} from "src/IAnchorRegistry.sol";

/// @notice Anybody does anything in any order. A model in plain variables says of each call whether
/// it must go through, and what there is afterwards.
contract Anybody is Base {
    address[6] internal accounts;
    bytes32[3] internal commitments = [keccak256("1"), keccak256("2"), keccak256("3")];
    uint64[4] internal indexes = [0, 255, 256, 2 ** 32 - 2];

    address public modelOwner;
    address public modelPending;
    address public modelGuardian;
    bool public modelPaused;
    mapping(address account => bool) public modelOperator;
    mapping(address account => bool) public modelRevoker;
    uint256 public modelOperators = 1;

    struct Record {
        address operator;
        uint64 timestamp;
        uint64 blockNumber;
    }

    mapping(bytes32 commitment => Record) public modelRecord;
    mapping(bytes32 commitment => bool) public modelBatchRevoked;
    mapping(bytes32 commitment => mapping(uint64 index => bool)) public modelRevoked;

    constructor(AnchorRegistry target) {
        registry = target;
        accounts = [owner, guardian, operator, revoker, stranger, _account("another")];
        (modelOwner, modelGuardian) = (owner, guardian);
        modelOperator[operator] = true;
        modelRevoker[revoker] = true;
    }

    // ------------------------------------------------------------------------------- writing

    function anchor(uint256 who, uint256 which, bool short) external {
        (address by, bytes32 commitment) = (_who(who, _holder(modelOperator)), _which(which));
        bool known = modelRecord[commitment].timestamp != 0;
        bool may = modelOperator[by] && !modelPaused;
        bytes memory data =
            short ? abi.encodePacked(commitment) : abi.encodeCall(registry.anchor, (commitment));
        _call(by, data, known || may);
        if (!known && may) {
            modelRecord[commitment] =
                Record(by, uint64(vm.getBlockTimestamp()), uint64(vm.getBlockNumber()));
        }
    }

    function revoke(uint256 who, uint256 which, uint256 first, uint256 second) external {
        (address by, bytes32 commitment) = (_who(who, _holder(modelRevoker)), _which(which));
        bool may = modelRevoker[by] && !modelPaused && modelRecord[commitment].timestamp != 0;
        uint64[] memory list = _indexes(first, second);
        _call(by, abi.encodeCall(registry.revoke, (commitment, list, 0)), may);
        if (may) _model(commitment, list, true);
    }

    function reinstate(uint256 who, uint256 which, uint256 first, uint256 second) external {
        (address by, bytes32 commitment) = (_who(who, modelOwner), _which(which));
        bool may = by == modelOwner && modelRecord[commitment].timestamp != 0;
        uint64[] memory list = _indexes(first, second);
        _call(by, abi.encodeCall(registry.reinstate, (commitment, list)), may);
        if (may) _model(commitment, list, false);
    }

    function revokeOrReinstateBatch(uint256 who, uint256 which, bool value) external {
        (address by, bytes32 commitment) = (_who(who, modelOwner), _which(which));
        bool may = by == modelOwner && modelRecord[commitment].timestamp != 0;
        bytes memory data = value
            ? abi.encodeCall(registry.revokeBatch, (commitment, 1))
            : abi.encodeCall(registry.reinstateBatch, (commitment));
        _call(by, data, may);
        if (may) modelBatchRevoked[commitment] = value;
    }

    // ------------------------------------------------------------------------------- roles

    function setOperator(uint256 who, uint256 whom, bool value) external {
        (address by, address account) = (_who(who, modelOwner), _any(whom));
        bytes memory data = value
            ? abi.encodeCall(registry.addOperator, (account))
            : abi.encodeCall(registry.removeOperator, (account));
        _call(by, data, by == modelOwner);
        if (by != modelOwner || modelOperator[account] == value) return;
        modelOperator[account] = value;
        modelOperators = value ? modelOperators + 1 : modelOperators - 1;
    }

    function setRevoker(uint256 who, uint256 whom, bool value) external {
        (address by, address account) = (_who(who, modelOwner), _any(whom));
        bytes memory data = value
            ? abi.encodeCall(registry.addRevoker, (account))
            : abi.encodeCall(registry.removeRevoker, (account));
        _call(by, data, by == modelOwner);
        if (by == modelOwner) modelRevoker[account] = value;
    }

    function setGuardian(uint256 who, uint256 whom) external {
        (address by, address account) = (_who(who, modelOwner), _any(whom));
        _call(by, abi.encodeCall(registry.setGuardian, (account)), by == modelOwner);
        if (by == modelOwner) modelGuardian = account;
    }

    function pause(uint256 who) external {
        address by = _who(who, modelGuardian);
        bool may = by == modelOwner || by == modelGuardian;
        _call(by, abi.encodeCall(registry.pause, ()), may);
        if (may) modelPaused = true;
    }

    function unpause(uint256 who) external {
        address by = _who(who, modelOwner);
        _call(by, abi.encodeCall(registry.unpause, ()), by == modelOwner);
        if (by == modelOwner) modelPaused = false;
    }

    function transferOwnership(uint256 who, uint256 whom) external {
        (address by, address account) = (_who(who, modelOwner), _any(whom));
        _call(by, abi.encodeCall(registry.transferOwnership, (account)), by == modelOwner);
        if (by == modelOwner) modelPending = account;
    }

    function acceptOwnership(uint256 who) external {
        address by = _who(who, modelPending == address(0) ? modelOwner : modelPending);
        bool may = by == modelPending;
        _call(by, abi.encodeCall(registry.acceptOwnership, ()), may);
        if (may) (modelOwner, modelPending) = (by, address(0));
    }

    function renounceOwnership(uint256 who) external {
        _call(_who(who, modelOwner), abi.encodeCall(registry.renounceOwnership, ()), false);
    }

    // ------------------------------------------------------------------------------- the judge

    function check() external view {
        assertEq(registry.owner(), modelOwner);
        assertEq(registry.pendingOwner(), modelPending);
        assertEq(registry.guardian(), modelGuardian);
        assertEq(registry.paused(), modelPaused);
        assertEq(registry.operators().length, modelOperators);
        for (uint256 i = 0; i < accounts.length; ++i) {
            address account = accounts[i];
            assertEq(registry.isRevoker(account), modelRevoker[account]);
            assertEq(uint256(registry.operatorState(account)), uint256(_state(account)));
            assertEq(_listed(account), modelOperator[account] ? 1 : 0);
        }
        for (uint256 i = 0; i < commitments.length; ++i) {
            _checkBatch(commitments[i]);
        }
    }

    function _checkBatch(bytes32 commitment) internal view {
        (address by, uint64 timestamp, uint64 blockNumber) = registry.anchored(commitment);
        Record memory record = modelRecord[commitment];
        assertEq(by, record.operator);
        assertEq(timestamp, record.timestamp);
        assertEq(blockNumber, record.blockNumber);
        for (uint256 i = 0; i < indexes.length; ++i) {
            uint64 index = indexes[i];
            bool expected = modelBatchRevoked[commitment] || modelRevoked[commitment][index];
            assertEq(registry.revoked(commitment, index), expected);
        }
        assertEq(registry.revoked(commitment, 77), modelBatchRevoked[commitment]);
    }

    function _state(address account) internal view returns (IAnchorRegistry.OperatorState) {
        if (!modelOperator[account]) return IAnchorRegistry.OperatorState.None;
        return
            modelPaused
                ? IAnchorRegistry.OperatorState.Paused
                : IAnchorRegistry.OperatorState.Active;
    }

    function _listed(address account) internal view returns (uint256 times) {
        address[] memory list = registry.operators();
        for (uint256 i = 0; i < list.length; ++i) {
            if (list[i] == account) ++times;
        }
    }

    /// @dev Time goes on before every call, so that a record written twice would differ.
    function _call(address by, bytes memory data, bool expected) internal {
        vm.warp(vm.getBlockTimestamp() + 12);
        vm.roll(vm.getBlockNumber() + 1);
        vm.prank(by);
        (bool ok,) = address(registry).call(data);
        assertEq(ok, expected);
    }

    function _model(bytes32 commitment, uint64[] memory list, bool value) internal {
        for (uint256 i = 0; i < list.length; ++i) {
            modelRevoked[commitment][list[i]] = value;
        }
    }

    function _indexes(uint256 first, uint256 second) internal view returns (uint64[] memory list) {
        list = new uint64[](2);
        list[0] = indexes[first % indexes.length];
        list[1] = indexes[second % indexes.length];
    }

    /// @dev Half of the calls come from one who may, else most would get nowhere.
    function _who(uint256 seed, address oneWhoMay) internal view returns (address) {
        return seed % 2 == 0 ? oneWhoMay : _any(seed / 2);
    }

    function _any(uint256 seed) internal view returns (address) {
        return accounts[seed % accounts.length];
    }

    function _holder(mapping(address => bool) storage role) internal view returns (address) {
        for (uint256 i = 0; i < accounts.length; ++i) {
            if (role[accounts[i]]) return accounts[i];
        }
        return modelOwner; // nobody has it
    }

    function _which(uint256 seed) internal view returns (bytes32) {
        return commitments[seed % commitments.length];
    }
}

contract InvariantsTest is Base {
    Anybody internal anybody;

    function setUp() public override {
        super.setUp();
        anybody = new Anybody(registry);
        targetContract(address(anybody));
        bytes4[] memory theirs = new bytes4[](2);
        (theirs[0], theirs[1]) = (anybody.setUp.selector, anybody.check.selector);
        excludeSelector(FuzzSelector(address(anybody), theirs));
    }

    /// @notice An anchored commitment keeps its operator, time and block for ever; a bit changes
    /// through the right role only; a role through the owner only; no pause is escaped.
    function invariant_the_registry_is_what_the_model_says() external view {
        anybody.check();
    }
}
