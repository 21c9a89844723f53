// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Base} from "./Base.sol";
import {ReferenceToken} from "./ReferenceToken.sol";
import {TokenBase, WithCode, WithStorage} from "./TokenBase.sol";
import {AnchorRegistry} from "src/AnchorRegistry.sol";
import {IBadgeToken} from "src/IBadgeToken.sol";

/// @notice Anybody does anything in any order, to the collection and to a plain ERC-721. Both must
/// say the same of every call and, afterwards, of every token and every account.
contract Holders is Base {
    /// @dev A batch as it was when it was minted.
    struct Minted {
        bytes32 commitment;
        bytes owners;
    }

    IBadgeToken internal token;
    ReferenceToken internal reference_ = new ReferenceToken();

    address[5] internal accounts;
    address internal minter;
    bool internal modelPaused;
    bool internal modelOperator = true;
    Minted[] internal minted;
    mapping(bytes32 commitment => uint256 number) internal numbers;
    uint256[] internal burned;

    constructor(IBadgeToken target, AnchorRegistry itsRegistry, address itsMinter) {
        (token, registry, minter) = (target, itsRegistry, itsMinter);
        accounts = [address(1), address(type(uint160).max), stranger, owner, minter];
    }

    // ------------------------------------------------------------------------------- calls

    /// @dev Few roots and sizes, so that the same commitment comes again, with the same owners and
    /// with others.
    function mint(uint256 who, uint256 root, uint256 size, uint256 seed, uint256 flaw) external {
        root %= 5;
        size = 1 + size % 6;
        bytes32 commitment = _commitment(uint64(size), bytes32(root), 0);
        bytes memory owners = _owners(size, seed % 3, flaw % 8);
        uint256 number = numbers[commitment];
        address by = who % 4 == 0 ? _any(who / 4) : minter;

        bool expected;
        if (number != 0) {
            expected = keccak256(minted[number - 1].owners) == keccak256(owners);
        } else {
            expected = token.isMinter(by) && !modelPaused && _ascends(owners)
                && (modelOperator || _isAnchored(commitment));
        }
        bytes memory data = abi.encodeCall(token.mint, (uint64(size), bytes32(root), owners));
        _call(by, data, expected);
        if (!expected || number != 0) return;
        minted.push(Minted(commitment, owners));
        numbers[commitment] = minted.length;
        for (uint256 i = 0; i < size; ++i) {
            reference_.mint(_owner(owners, i), _id(commitment, i));
        }
    }

    function anchor(uint256 root, uint256 size) external {
        _anchor(_commitment(uint64(1 + size % 6), bytes32(root % 5), 0));
    }

    function burn(uint256 who, uint256 which, uint256 index) external {
        uint256 id = _some(which, index);
        address by = who % 4 == 0 ? _any(who / 4) : _referenceOwner(id);
        vm.prank(by);
        (bool expected,) = address(reference_).call(abi.encodeCall(reference_.burn, (id)));
        _call(by, abi.encodeCall(token.burn, (id)), expected);
        if (expected) burned.push(id);
    }

    function transferOrApprove(uint256 who, uint256 what, uint256 which, uint256 index) external {
        uint256 id = _some(which, index);
        address by = who % 2 == 0 ? _any(who / 2) : _referenceOwner(id);
        address to = _any(what / 5);
        bytes[5] memory calls = [
            abi.encodeCall(token.transferFrom, (by, to, id)),
            abi.encodeWithSignature("safeTransferFrom(address,address,uint256)", by, to, id),
            abi.encodeWithSignature(
                "safeTransferFrom(address,address,uint256,bytes)", by, to, id, "x"
            ),
            abi.encodeCall(token.approve, (to, id)),
            abi.encodeCall(token.setApprovalForAll, (to, true))
        ];
        vm.prank(by);
        (bool expected,) = address(reference_).call(calls[what % 5]);
        assertFalse(expected);
        _call(by, calls[what % 5], expected);
    }

    function pauseOrNot(uint256 seed) external {
        bool value = seed % 4 == 0; // else few mints would go through
        vm.prank(owner);
        value ? token.pause() : token.unpause();
        modelPaused = value;
    }

    function operatorOrNot(uint256 seed) external {
        bool value = seed % 4 != 0;
        vm.prank(owner);
        value ? registry.addOperator(address(token)) : registry.removeOperator(address(token));
        modelOperator = value;
    }

    // ------------------------------------------------------------------------------- the judge

    /// @notice What was minted is what it was; no owner changed but to nobody; balances are those
    /// of the reference and sum to the living tokens.
    function check() external view {
        assertEq(token.batchCount(), minted.length);
        assertEq(token.totalSupply(), reference_.totalSupply());
        for (uint256 number = 1; number <= minted.length; ++number) {
            _checkBatch(number);
        }
        for (uint256 i = 0; i < burned.length; ++i) {
            assertEq(_ownerOf(burned[i]), address(0));
        }
        uint256 sum = 0;
        for (uint256 i = 0; i < accounts.length; ++i) {
            _checkAccount(accounts[i]);
            sum += token.balanceOf(accounts[i]);
        }
        assertEq(sum, token.totalSupply());
    }

    function _checkBatch(uint256 number) internal view {
        Minted memory batch = minted[number - 1];
        bytes32 hash = keccak256(abi.encodePacked(hex"00", batch.commitment, batch.owners));
        assertEq(token.ownersHash(batch.commitment), hash);
        (bytes32 commitment, uint256 size) = token.batchAt(number);
        assertEq(commitment, batch.commitment);
        assertEq(size, batch.owners.length / 20);
        (uint256 same,) = token.batchOf(commitment);
        assertEq(same, number);
        assertTrue(_isAnchored(commitment));
        for (uint256 i = 0; i <= size; ++i) {
            uint256 id = _id(commitment, i);
            address account = _ownerOf(id);
            assertEq(account, _referenceOwner(id));
            assertEq(token.isValid(id), account != address(0));
            if (account != address(0)) assertEq(account, _owner(batch.owners, i));
        }
    }

    function _checkAccount(address account) internal view {
        assertEq(token.balanceOf(account), reference_.balanceOf(account));
        uint256 sum = 0;
        for (uint256 number = 1; number <= minted.length; ++number) {
            sum += token.balanceIn(account, number, number);
        }
        assertEq(sum, reference_.balanceOf(account));
        (uint256[] memory ids, uint256 next) = token.tokensOf(account, 0, 1_024, 1_024);
        assertEq(next, 0);
        assertEq(ids.length, sum);
        for (uint256 i = 0; i < ids.length; ++i) {
            assertEq(reference_.ownerOf(ids[i]), account);
            for (uint256 j = 0; j < i; ++j) {
                assertTrue(ids[i] != ids[j]);
            }
        }
    }

    // ------------------------------------------------------------------------------- their calls

    function _call(address by, bytes memory data, bool expected) internal {
        vm.prank(by);
        (bool ok,) = address(token).call(data);
        assertEq(ok, expected);
    }

    /// @dev In order, but for a flaw that makes the first or the last one zero or turns them round.
    function _owners(uint256 size, uint256 seed, uint256 flaw)
        internal
        view
        returns (bytes memory owners)
    {
        address[] memory list = new address[](size);
        for (uint256 i = 0; i < size; ++i) {
            list[i] = _any(uint256(keccak256(abi.encode(seed, size, i))));
        }
        for (uint256 i = 0; i < size; ++i) {
            for (uint256 j = i + 1; j < size; ++j) {
                if (list[j] < list[i]) (list[i], list[j]) = (list[j], list[i]);
            }
        }
        if (flaw == 0) list[0] = address(0);
        else if (flaw == 1) list[size - 1] = address(0);
        else if (flaw == 2) (list[0], list[size - 1]) = (list[size - 1], list[0]);
        for (uint256 i = 0; i < size; ++i) {
            owners = bytes.concat(owners, bytes20(list[i]));
        }
    }

    function _ascends(bytes memory owners) internal pure returns (bool) {
        address last = address(1);
        for (uint256 i = 0; i < owners.length / 20; ++i) {
            if (_owner(owners, i) < last) return false;
            last = _owner(owners, i);
        }
        return true;
    }

    function _owner(bytes memory owners, uint256 index) internal pure returns (address account) {
        for (uint256 i = 0; i < 20; ++i) {
            account = address((uint160(account) << 8) | uint8(owners[20 * index + i]));
        }
    }

    function _ownerOf(uint256 id) internal view returns (address account) {
        try token.ownerOf(id) returns (address it) {
            account = it;
        } catch {}
    }

    function _referenceOwner(uint256 id) internal view returns (address account) {
        try reference_.ownerOf(id) returns (address it) {
            account = it;
        } catch {}
    }

    /// @dev Most of them exist, or did.
    function _some(uint256 which, uint256 index) internal view returns (uint256) {
        if (minted.length == 0) return which;
        return _id(minted[which % minted.length].commitment, index % 7);
    }

    function _id(bytes32 commitment, uint256 index) internal pure returns (uint256) {
        return (uint256(commitment) & ~uint256(type(uint32).max)) | index;
    }

    function _any(uint256 seed) internal view returns (address) {
        return accounts[seed % accounts.length];
    }
}

abstract contract TokenInvariantsTest is TokenBase {
    Holders internal holders;

    function setUp() public virtual override {
        super.setUp();
        holders = new Holders(token, registry, minter);
        targetContract(address(holders));
        bytes4[] memory theirs = new bytes4[](2);
        (theirs[0], theirs[1]) = (holders.setUp.selector, holders.check.selector);
        excludeSelector(FuzzSelector(address(holders), theirs));
    }

    function invariant_the_collection_is_what_a_plain_one_would_be() external view {
        holders.check();
    }
}

contract TokenInvariantsAsCodeTest is TokenInvariantsTest, WithCode {
    function setUp() public override(TokenInvariantsTest, TokenBase) {
        super.setUp();
    }
}

contract TokenInvariantsInStorageTest is TokenInvariantsTest, WithStorage {
    function setUp() public override(TokenInvariantsTest, TokenBase) {
        super.setUp();
    }
}
