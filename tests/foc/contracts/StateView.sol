// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FilecoinWarmStorageService} from "./FilecoinWarmStorageService.sol";
import {PriceList} from "./PriceList.sol";
import {ServiceRails} from "./ServiceRails.sol";

/// Everything that is read of the storage service. A service upgrade brings another one.
contract StateView {
    FilecoinWarmStorageService public immutable service;

    constructor(address serviceAddress) {
        service = FilecoinWarmStorageService(serviceAddress);
    }

    function getPriceList() external view returns (PriceList.List memory list) {
        return PriceList.List(
            service.usdfcTokenAddress(), PriceList.rates(), PriceList.fees(), PriceList.lockups()
        );
    }

    function getPDPConfig()
        external view
        returns (
            uint64 maxProvingPeriod, uint256 challengeWindowSize, uint256 challengesPerProof,
            uint256 initChallengeWindowStart
        )
    {
        return service.getPDPConfig();
    }

    // -- Providers -----------------------------------------------------------------

    function getApprovedProviders(uint256 offset, uint256 limit) external view returns (uint256[] memory providerIds) {
        return _page(service.approvedProviderIds(), offset, limit);
    }

    function getApprovedProvidersLength() external view returns (uint256 count) {
        return service.approvedProviderIds().length;
    }

    function isProviderApproved(uint256 providerId) external view returns (bool) {
        uint256[] memory ids = service.approvedProviderIds();
        for (uint256 i = 0; i < ids.length; i++) {
            if (ids[i] == providerId) return true;
        }
        return false;
    }

    // -- Data sets -----------------------------------------------------------------

    function clientDataSets(address payer) public view returns (uint256[] memory dataSetIds) {
        return service.dataSetIdsOf(payer);
    }

    function clientDataSets(address payer, uint256 offset, uint256 limit)
        public view returns (uint256[] memory dataSetIds)
    {
        return _page(service.dataSetIdsOf(payer), offset, limit);
    }

    function getClientDataSetsLength(address payer) external view returns (uint256) {
        return service.dataSetIdsOf(payer).length;
    }

    function getClientDataSets(address client) external view returns (ServiceRails.DataSet[] memory infos) {
        return _dataSets(clientDataSets(client));
    }

    function getClientDataSets(address client, uint256 offset, uint256 limit)
        external view returns (ServiceRails.DataSet[] memory infos)
    {
        return _dataSets(clientDataSets(client, offset, limit));
    }

    function getDataSet(uint256 dataSetId) external view returns (ServiceRails.DataSet memory info) {
        return service.dataSet(dataSetId);
    }

    /// 0 inactive, 1 active: from the start of proving on.
    function getDataSetStatus(uint256 dataSetId) external view returns (uint8 status) {
        return service.provingActivationEpoch(dataSetId) == 0 ? 0 : 1;
    }

    function getDataSetSizeInBytes(uint256 leafCount) external pure returns (uint256) {
        return PriceList.sizeInBytes(leafCount);
    }

    function getAllDataSetMetadata(uint256 dataSetId)
        external view returns (string[] memory keys, string[] memory values)
    {
        return service.getAllDataSetMetadata(dataSetId);
    }

    function getDataSetMetadata(uint256 dataSetId, string calldata key)
        external view returns (bool exists, string memory value)
    {
        return service.getDataSetMetadata(dataSetId, key);
    }

    function getAllPieceMetadata(uint256 dataSetId, uint256 pieceId)
        external view returns (string[] memory keys, string[] memory values)
    {
        return service.getAllPieceMetadata(dataSetId, pieceId);
    }

    function getPieceMetadata(uint256 dataSetId, uint256 pieceId, string calldata key)
        external view returns (bool exists, string memory value)
    {
        return service.getPieceMetadata(dataSetId, pieceId, key);
    }

    function clientNonces(address payer, uint256 nonce) external view returns (uint256) {
        return service.clientNonces(payer, nonce);
    }

    function railToDataSet(uint256 railId) external view returns (uint256) {
        return service.railToDataSet(railId);
    }

    // -- Proving -------------------------------------------------------------------

    function provingActivationEpoch(uint256 dataSetId) external view returns (uint256) {
        return service.provingActivationEpoch(dataSetId);
    }

    function provingDeadline(uint256 setId) external view returns (uint256) {
        return service.provingDeadline(setId);
    }

    function provenThisPeriod(uint256 dataSetId) external view returns (bool) {
        return service.provenThisPeriod(dataSetId);
    }

    function provenPeriods(uint256 dataSetId, uint256 periodId) external view returns (bool) {
        return service.provenPeriods(dataSetId, periodId);
    }

    function nextPDPChallengeWindowStart(uint256 setId) external view returns (uint256) {
        return service.nextPDPChallengeWindowStart(setId);
    }

    function nextUpgrade() external pure returns (address nextImplementation, uint96 afterEpoch) {
        return (address(0), 0);
    }

    function _dataSets(uint256[] memory ids) private view returns (ServiceRails.DataSet[] memory infos) {
        infos = new ServiceRails.DataSet[](ids.length);
        for (uint256 i = 0; i < ids.length; i++) infos[i] = service.dataSet(ids[i]);
    }

    /// A limit of 0 means all.
    function _page(uint256[] memory all, uint256 offset, uint256 limit) private pure returns (uint256[] memory page) {
        uint256 left = offset < all.length ? all.length - offset : 0;
        page = new uint256[](limit == 0 || limit > left ? left : limit);
        for (uint256 i = 0; i < page.length; i++) page[i] = all[offset + i];
    }
}
