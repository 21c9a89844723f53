// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {BatchOwners} from "./BatchOwners.sol";
import {CollectionRoles} from "./CollectionRoles.sol";
import {IAnchorRegistry} from "./IAnchorRegistry.sol";
import {IBadgeToken} from "./IBadgeToken.sol";
import {MintLog} from "./MintLog.sol";
import {SoulboundToken} from "./SoulboundToken.sol";
import {TokenMetadata} from "./TokenMetadata.sol";

/// @title All of `IBadgeToken` but the place where owners are kept
/// @notice There is no proxy and no upgrade: what this code promises, it promises for ever.
abstract contract BadgeCollection is SoulboundToken, CollectionRoles, BatchOwners {
    /// @inheritdoc IBadgeToken
    uint256 public constant MAX_BATCHES = 3_072;
    /// @inheritdoc IBadgeToken
    uint256 public constant MAX_BATCH_SIZE = 1_024;

    /// @inheritdoc IBadgeToken
    IAnchorRegistry public immutable registry;
    /// @inheritdoc IBadgeToken
    bool public immutable locksAnnounced;

    // these three share a slot with `guardian` and `paused`
    uint16 private _batchCount;
    uint32 private _minted;
    uint32 private _burned;

    /// @dev Token id without its low 32 bits → number of the batch (16 bits), how many of its
    /// tokens are burned (above). Where none is, `ownerOf` need not look at the bits.
    mapping(uint256 prefix => uint256 packed) private _numbers;
    /// @dev Bit `index % 256` of word `index / 256` is the leaf at `index`.
    mapping(uint256 number => mapping(uint256 word => uint256 bits)) private _burnedBits;
    mapping(address account => uint256) private _burnedBy;

    /// @inheritdoc IBadgeToken
    string public name;
    /// @inheritdoc IBadgeToken
    string public symbol;
    /// @inheritdoc IBadgeToken
    string public baseURI;
    /// @inheritdoc IBadgeToken
    bool public baseURIFrozen;

    constructor(Setup memory setup) CollectionRoles(setup.owner, setup.guardian, setup.minters) {
        if (sha256("") != 0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855) {
            revert Sha256Unavailable();
        }
        if (address(setup.registry).code.length == 0) revert NoRegistry(address(setup.registry));
        if (!TokenMetadata.isPrintable(setup.name) || !TokenMetadata.isPrintable(setup.symbol)) {
            revert UnprintableName();
        }
        registry = setup.registry;
        locksAnnounced = setup.locksAnnounced;
        name = setup.name;
        symbol = setup.symbol;
        baseURI = setup.baseURI;
    }

    // ------------------------------------------------------------------------------- batches

    /// @inheritdoc IBadgeToken
    function mint(uint64 treeSize, bytes32 root, bytes calldata owners) external {
        if (treeSize == 0 || treeSize > MAX_BATCH_SIZE || owners.length != 20 * treeSize) {
            revert WrongBatchSize(treeSize, owners.length);
        }
        bytes32 commitment = sha256(abi.encodePacked(hex"02", treeSize, root, bytes32(0)));
        bytes memory record = abi.encodePacked(hex"00", commitment, owners);
        uint256 packed = _numbers[_prefix(commitment)];
        if (packed != 0) {
            // the hash covers the commitment: two with the same prefix are told apart
            if (_recordHash(_number(packed)) != keccak256(record)) revert OwnersDiffer(commitment);
            return;
        }
        if (!isMinter[msg.sender]) revert NotMinter(msg.sender);
        if (paused) revert WritingPaused();
        uint256 number = uint256(_batchCount) + 1;
        if (number > MAX_BATCHES) revert CollectionFull();

        // at most 3,072 batches of 1,024
        // forge-lint: disable-next-line(unsafe-typecast)
        (_batchCount, _minted) = (uint16(number), _minted + uint32(treeSize));
        _numbers[_prefix(commitment)] = number;
        MintLog.announce(commitment, owners, locksAnnounced);
        _store(number, record);
        registry.anchor(commitment);
    }

    /// @inheritdoc IBadgeToken
    function batchOf(bytes32 commitment) external view returns (uint256 number, uint256 size) {
        number = _numberOf(commitment);
        if (number != 0) (, size) = _batch(number);
    }

    /// @inheritdoc IBadgeToken
    function batchAt(uint256 number) external view returns (bytes32 commitment, uint256 size) {
        if (number != 0 && number <= _batchCount) return _batch(number);
    }

    /// @inheritdoc IBadgeToken
    function ownersHash(bytes32 commitment) external view returns (bytes32) {
        uint256 number = _numberOf(commitment);
        return number == 0 ? bytes32(0) : _recordHash(number);
    }

    /// @inheritdoc IBadgeToken
    function batchCount() external view returns (uint256) {
        return _batchCount;
    }

    /// @inheritdoc IBadgeToken
    function totalSupply() external view returns (uint256) {
        return _minted - _burned;
    }

    // ------------------------------------------------------------------------------- tokens

    /// @inheritdoc IBadgeToken
    function burn(uint256 tokenId) external {
        (uint256 number, address account) = _existing(tokenId);
        if (msg.sender != account) revert NotTokenOwner(msg.sender, tokenId);
        _numbers[tokenId >> 32] += 1 << 16;
        _burnedBits[number][_index(tokenId) >> 8] |= uint256(1) << (tokenId & 0xff);
        ++_burnedBy[account];
        ++_burned;
        emit Transfer(account, address(0), tokenId);
    }

    /// @inheritdoc IBadgeToken
    function ownerOf(uint256 tokenId) external view returns (address account) {
        (, account) = _existing(tokenId);
    }

    /// @inheritdoc IBadgeToken
    function balanceOf(address account) external view returns (uint256) {
        return _countIn(account, 1, _batchCount) - _burnedBy[account];
    }

    /// @inheritdoc IBadgeToken
    function balanceIn(address account, uint256 fromBatch, uint256 toBatch)
        external
        view
        returns (uint256 balance)
    {
        if (fromBatch == 0) fromBatch = 1;
        if (toBatch > _batchCount) toBatch = _batchCount;
        if (_burnedBy[account] == 0) return _countIn(account, fromBatch, toBatch);
        for (uint256 number = fromBatch; number <= toBatch; ++number) {
            (uint256 first, uint256 count) = _find(number, account);
            for (uint256 i = first; i < first + count; ++i) {
                if (!_isBurned(number, i)) ++balance;
            }
        }
    }

    /// @inheritdoc IBadgeToken
    function tokensOf(address account, uint256 cursor, uint256 limit, uint256 maxBatches)
        external
        view
        returns (uint256[] memory ids, uint256 next)
    {
        if (account == address(0)) revert ZeroAddress();
        if (limit == 0 || maxBatches == 0) revert EmptyPage();
        if (limit > MAX_BATCH_SIZE) limit = MAX_BATCH_SIZE;
        // a cursor is the number of a batch and the leaf (32 bits) from which to go on
        uint256 number = cursor >> 32;
        if (number == 0) (number, cursor) = (1, 0);
        if (number > _batchCount) return (ids, 0);
        uint256 end = _batchCount - number < maxBatches ? _batchCount + 1 : number + maxBatches;

        ids = new uint256[](limit);
        uint256 found = 0;
        for (; next == 0 && number < end; ++number) {
            (found, next) = _collect(account, number, _index(cursor), ids, found);
            cursor = 0;
        }
        if (next == 0 && number <= _batchCount) next = number << 32;
        assembly ("memory-safe") {
            mstore(ids, found)
        }
    }

    /// @dev Adds the tokens of `account` in one batch, from the leaf `from` on, to the `found`
    /// ones in `ids`. `next` is the cursor of the first one that has no room, or zero.
    function _collect(
        address account,
        uint256 number,
        uint256 from,
        uint256[] memory ids,
        uint256 found
    ) private view returns (uint256, uint256 next) {
        (uint256 first, uint256 count) = _find(number, account);
        if (count == 0) return (found, 0);
        (bytes32 commitment,) = _batch(number);
        for (uint256 i = from > first ? from : first; i < first + count; ++i) {
            if (_isBurned(number, i)) continue;
            if (found == ids.length) return (found, (number << 32) | i);
            ids[found++] = (_prefix(commitment) << 32) | i;
        }
        return (found, 0);
    }

    /// @inheritdoc IBadgeToken
    function isValid(uint256 tokenId) external view returns (bool) {
        (uint256 number, address account) = _token(tokenId);
        return account != address(0) && !_isRevoked(number, tokenId);
    }

    /// @inheritdoc IBadgeToken
    function verifyBadge(
        uint256 tokenId,
        bytes32 root,
        uint8 rule,
        bytes32 issuer,
        bytes32 digest,
        bytes32 salt,
        bytes32[] calldata path
    ) external view returns (bool) {
        // as `IAnchorRegistry.verifyEntry` hashes it; ten arguments more are too many for the stack
        bytes32 leaf = sha256(abi.encodePacked(hex"0001", rule, issuer, digest, salt));
        return _verifyLeaf(tokenId, root, leaf, path);
    }

    function _verifyLeaf(uint256 tokenId, bytes32 root, bytes32 leaf, bytes32[] calldata path)
        private
        view
        returns (bool)
    {
        (bytes32 commitment, uint64 treeSize) = _tree(tokenId);
        return commitment != 0
            && registry.verifyLeaf(commitment, treeSize, root, 0, leaf, _index(tokenId), path);
    }

    /// @dev The batch of an existing token, else zeros.
    function _tree(uint256 tokenId) private view returns (bytes32 commitment, uint64 treeSize) {
        (uint256 number, address account) = _token(tokenId);
        if (account == address(0)) return (0, 0);
        uint256 size;
        (commitment, size) = _batch(number);
        // at most `MAX_BATCH_SIZE`
        // forge-lint: disable-next-line(unsafe-typecast)
        treeSize = uint64(size);
    }

    /// @inheritdoc IBadgeToken
    function locked(uint256 tokenId) external view returns (bool) {
        _existing(tokenId);
        return true;
    }

    /// @inheritdoc IBadgeToken
    function getApproved(uint256 tokenId) external view returns (address) {
        _existing(tokenId);
        return address(0);
    }

    // ------------------------------------------------------------------------------- metadata

    /// @inheritdoc IBadgeToken
    function tokenURI(uint256 tokenId) external view returns (string memory) {
        (uint256 number,) = _existing(tokenId);
        if (bytes(baseURI).length != 0) {
            return string.concat(baseURI, TokenMetadata.decimal(tokenId));
        }
        (bytes32 commitment,) = _batch(number);
        return TokenMetadata.ofToken(name, commitment, _index(tokenId), _isRevoked(number, tokenId));
    }

    /// @inheritdoc IBadgeToken
    function contractURI() external view returns (string memory) {
        if (bytes(baseURI).length != 0) return string.concat(baseURI, "contract");
        return TokenMetadata.ofCollection(name, symbol);
    }

    /// @inheritdoc IBadgeToken
    function setBaseURI(string calldata newBaseURI) external onlyOwner {
        if (baseURIFrozen) revert BaseURIIsFrozen();
        baseURI = newBaseURI;
        emit BaseURIChanged(newBaseURI);
        emit BatchMetadataUpdate(0, type(uint256).max);
        emit ContractURIUpdated();
    }

    /// @inheritdoc IBadgeToken
    function freezeBaseURI() external onlyOwner {
        if (baseURIFrozen) return;
        baseURIFrozen = true;
        emit BaseURIFrozen();
    }

    /// @inheritdoc IBadgeToken
    function announceMetadata(uint256[] calldata tokenIds) external {
        if (!isMinter[msg.sender] && msg.sender != owner) revert NotMinterNorOwner(msg.sender);
        for (uint256 i = 0; i < tokenIds.length; ++i) {
            _existing(tokenIds[i]);
            emit MetadataUpdate(tokenIds[i]);
        }
    }

    /// @inheritdoc IBadgeToken
    function version() external pure returns (string memory) {
        return "ingam-token/1";
    }

    // ------------------------------------------------------------------------------- reading

    /// @dev Number of the batch of a token, and its owner; zero where there is no such token, the
    /// owner zero also where it is burned.
    function _token(uint256 tokenId) private view returns (uint256 number, address account) {
        uint256 packed = _numbers[tokenId >> 32];
        if (packed == 0) return (0, address(0));
        number = _number(packed);
        if (number != packed && _isBurned(number, _index(tokenId))) return (number, address(0));
        account = _ownerAt(number, _index(tokenId));
    }

    function _existing(uint256 tokenId) private view returns (uint256 number, address account) {
        (number, account) = _token(tokenId);
        if (account == address(0)) revert UnknownToken(tokenId);
    }

    /// @dev Tokens of `account` that were minted in these batches, burned or not.
    function _countIn(address account, uint256 fromBatch, uint256 toBatch)
        private
        view
        returns (uint256 total)
    {
        if (account == address(0)) revert ZeroAddress();
        unchecked {
            for (uint256 number = fromBatch; number <= toBatch; ++number) {
                (, uint256 count) = _find(number, account);
                total += count;
            }
        }
    }

    function _isBurned(uint256 number, uint256 index) private view returns (bool) {
        return (_burnedBits[number][index >> 8] >> (index & 0xff)) & 1 == 1;
    }

    function _isRevoked(uint256 number, uint256 tokenId) private view returns (bool) {
        (bytes32 commitment,) = _batch(number);
        return registry.revoked(commitment, _index(tokenId));
    }

    /// @dev Zero where the batch is not minted, or only another one with the same prefix.
    function _numberOf(bytes32 commitment) private view returns (uint256 number) {
        number = _number(_numbers[_prefix(commitment)]);
        if (number == 0) return 0;
        (bytes32 kept,) = _batch(number);
        if (kept != commitment) return 0;
    }

    function _number(uint256 packed) private pure returns (uint256) {
        return packed & 0xffff;
    }

    function _prefix(bytes32 commitment) private pure returns (uint256) {
        return uint256(commitment) >> 32;
    }

    /// @dev The leaf's index: the low bits of a token's id, or of a cursor.
    function _index(uint256 tokenId) private pure returns (uint32) {
        // cuts the high bits off
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint32(tokenId);
    }
}
