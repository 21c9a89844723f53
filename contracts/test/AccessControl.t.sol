// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {CommonBase} from "forge-std/Base.sol";

import {BadgeTokenStorage} from "src/BadgeTokenStorage.sol";
import {IBadgeToken} from "src/IBadgeToken.sol";

/// @notice Access control, for halmos, which tries all callers and arguments at once; forge runs none of it (see
/// README). Roles are code that both collections share; the one without derived addresses is the
/// easier one to calculate with.
contract AccessControlProof is CommonBase {
    address internal constant OWNER = address(0x1111);
    address internal constant GUARDIAN = address(0x2222);
    address internal constant MINTER = address(0x3333);

    IBadgeToken internal token;

    /// @dev halmos 0.3 cannot calculate SHA-256, of which the constructor needs one (and `mint`,
    /// which is left to the fuzzer). So the deployed code is cut out of the creation code and the
    /// roles are written where README says they are; `_unchanged` would tell if they were not.
    function setUp() external {
        bytes memory code = type(BadgeTokenStorage).creationCode;
        bytes memory deployed;
        assembly ("memory-safe") {
            // the deployed code begins with the first 0x6080604052
            let start := add(code, 0x20)
            for {} xor(shr(216, mload(start)), 0x6080604052) {} { start := add(start, 1) }
            let size := sub(add(add(code, 0x20), mload(code)), start)
            deployed := mload(0x40)
            mstore(0x40, add(add(deployed, 0x40), size))
            mstore(deployed, size)
            mcopy(add(deployed, 0x20), start, size)
        }
        token = IBadgeToken(address(0x4444));
        vm.etch(address(token), deployed);
        vm.store(address(token), 0, bytes32(uint256(uint160(OWNER))));
        vm.store(address(token), keccak256(abi.encode(MINTER, 2)), bytes32(uint256(1)));
        vm.store(address(token), bytes32(uint256(3)), bytes32(uint256(uint160(GUARDIAN))));
        _unchanged();
    }

    function check_roles_are_given_and_taken_by_the_owner(address by, address whom) external {
        vm.assume(by != OWNER && by != address(0)); // nobody has the key of the zero address
        _refused(by, abi.encodeCall(token.addMinter, (whom)));
        _refused(by, abi.encodeCall(token.removeMinter, (whom)));
        _refused(by, abi.encodeCall(token.setGuardian, (whom)));
        _refused(by, abi.encodeCall(token.transferOwnership, (whom)));
        _refused(by, abi.encodeCall(token.acceptOwnership, ()));
        _refused(by, abi.encodeCall(token.unpause, ()));
        _refused(by, abi.encodeCall(token.freezeBaseURI, ()));
        _refused(by, abi.encodeCall(token.setBaseURI, ("x")));
        _unchanged();
    }

    function check_only_guardian_and_owner_pause(address by) external {
        vm.assume(by != OWNER && by != GUARDIAN);
        _refused(by, abi.encodeCall(token.pause, ()));
        _unchanged();
    }

    function check_the_ownership_goes_to_whom_it_was_offered(address whom, address by) external {
        vm.assume(by != whom);
        vm.prank(OWNER);
        token.transferOwnership(whom);
        _refused(by, abi.encodeCall(token.acceptOwnership, ()));
        assert(token.owner() == OWNER);
        vm.prank(whom);
        token.acceptOwnership();
        assert(token.owner() == whom);
    }

    function check_nobody_renounces_transfers_or_approves(
        address by,
        address from,
        address to,
        uint256 id,
        bool value
    ) external {
        _refused(by, abi.encodeCall(token.renounceOwnership, ()));
        _refused(by, abi.encodeCall(token.transferFrom, (from, to, id)));
        _refused(
            by, abi.encodeWithSignature("safeTransferFrom(address,address,uint256)", from, to, id)
        );
        _refused(by, abi.encodeCall(token.approve, (to, id)));
        _refused(by, abi.encodeCall(token.setApprovalForAll, (to, value)));
        _refused(by, abi.encodeCall(token.burn, (id))); // nothing was minted
        _unchanged();
    }

    function _refused(address by, bytes memory data) internal {
        vm.prank(by);
        (bool ok,) = address(token).call(data);
        assert(!ok);
    }

    function _unchanged() internal view {
        assert(token.owner() == OWNER);
        assert(token.pendingOwner() == address(0));
        assert(token.guardian() == GUARDIAN);
        assert(token.isMinter(MINTER));
        assert(!token.paused());
        assert(token.totalSupply() == 0);
        assert(!token.baseURIFrozen());
    }
}
