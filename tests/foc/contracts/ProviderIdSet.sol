// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The endorsed providers: good enough to hold a first copy. Its owner decides.
contract ProviderIdSet {
    address public immutable owner = msg.sender;
    uint256[] private ids;

    function getProviderIds() external view returns (uint256[] memory) {
        return ids;
    }

    function containsProviderId(uint256 providerId) public view returns (bool) {
        for (uint256 i = 0; i < ids.length; i++) {
            if (ids[i] == providerId) return true;
        }
        return false;
    }

    function addProviderId(uint256 providerId) external {
        require(msg.sender == owner, "only the owner");
        if (!containsProviderId(providerId)) ids.push(providerId);
    }

    function removeProviderId(uint256 providerId) external {
        require(msg.sender == owner, "only the owner");
        for (uint256 i = 0; i < ids.length; i++) {
            if (ids[i] != providerId) continue;
            ids[i] = ids[ids.length - 1];
            ids.pop();
            return;
        }
    }
}
