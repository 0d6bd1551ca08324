"""The contracts of Filecoin Onchain Cloud, as far as this client speaks with them."""

from __future__ import annotations

from .abi import Contract

_DATA_SET = (
    "(uint256 pdpRailId, uint256 cacheMissRailId, uint256 cdnRailId, address payer, "
    "address payee, address serviceProvider, uint256 commissionBps, uint256 clientDataSetId, "
    "uint256 pdpEndEpoch, uint256 providerId, uint96 pendingOneTimePayments, "
    "uint96 lifecycleReserveBalance, uint256 dataSetId)"
)
_PROVIDER = (
    "(uint256 providerId, (address serviceProvider, address payee, string name, "
    "string description, bool isActive) providerInfo, (uint8 productType, "
    "string[] capabilityKeys, bool isActive) product, bytes[] productCapabilityValues)"
)
_PRICE_LIST = (
    "(address token, (uint256 storagePerTibPerMonth, uint256 datasetFeePerMonth, "
    "uint256 cdnEgressPerTib, uint256 cacheMissEgressPerTib) rates, (uint256 createDataSetFee, "
    "uint256 addPiecesBaseFee, uint256 addPiecesPerPieceFee, uint256 schedulePieceRemovalsFee, "
    "uint256 terminateFee) fees, (uint256 lifecycleReserveTarget, uint256 replenishThreshold, "
    "uint256 defaultLockupPeriod, uint256 cdnLockupAmount, uint256 cacheMissLockupAmount, "
    "uint256 cdnLockupPeriod) lockups)"
)
_PERMIT = (
    "address token, address to, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s"
)

USDFC = Contract("""
    function name() view returns (string)
    function version() view returns (string)
    function balanceOf(address account) view returns (uint256)
    function allowance(address owner, address spender) view returns (uint256)
    function approve(address spender, uint256 amount) returns (bool)
    function nonces(address owner) view returns (uint256)
    event Transfer(address indexed from, address indexed to, uint256 value)
""")

PAY = Contract(f"""
    function accounts(address token, address owner) view returns (uint256 funds, uint256 lockupCurrent, uint256 lockupRate, uint256 lockupLastSettledAt)
    function operatorApprovals(address token, address client, address operator) view returns (bool isApproved, uint256 rateAllowance, uint256 lockupAllowance, uint256 rateUsage, uint256 lockupUsage, uint256 maxLockupPeriod)
    function deposit(address token, address to, uint256 amount) payable
    function depositWithPermit({_PERMIT})
    function depositWithPermitAndApproveOperator({_PERMIT}, address operator, uint256 rateAllowance, uint256 lockupAllowance, uint256 maxLockupPeriod)
    function setOperatorApproval(address token, address operator, bool approved, uint256 rateAllowance, uint256 lockupAllowance, uint256 maxLockupPeriod)
    function withdraw(address token, uint256 amount)
    function withdrawTo(address token, address to, uint256 amount)
    event DepositRecorded(address indexed token, address indexed from, address indexed to, uint256 amount)
    event WithdrawRecorded(address indexed token, address indexed from, address indexed to, uint256 amount)
    event RailSettled(uint256 indexed railId, uint256 totalSettledAmount, uint256 totalNetPayeeAmount, uint256 operatorCommission, uint256 networkFee, uint256 settledUpTo)
    event RailOneTimePaymentProcessed(uint256 indexed railId, uint256 netPayeeAmount, uint256 operatorCommission, uint256 networkFee)
""")  # noqa: E501

FWSS = Contract("""
    function VERSION() view returns (string)
    function viewContractAddress() view returns (address)
    function paymentsContractAddress() view returns (address)
    function pdpVerifierAddress() view returns (address)
    function usdfcTokenAddress() view returns (address)
    function serviceProviderRegistry() view returns (address)
    function sessionKeyRegistry() view returns (address)
    function filBeamBeneficiaryAddress() view returns (address)
    function terminateService(uint256 dataSetId)
    function terminateService(uint256 dataSetId, bytes extraData)
    function topUpCDNPaymentRails(uint256 dataSetId, uint256 cdnAmountToAdd, uint256 cacheMissAmountToAdd)
    function topUpLifecycleReserve(uint256 dataSetId, uint256 amount)
    event DataSetCreated(uint256 indexed dataSetId, uint256 indexed providerId, uint256 pdpRailId, uint256 cacheMissRailId, uint256 cdnRailId, address payer, address serviceProvider, address payee, string[] metadataKeys, string[] metadataValues)
    event PieceAdded(uint256 indexed dataSetId, uint256 indexed pieceId, (bytes data) pieceCid, string[] keys, string[] values)
    event ServiceTerminated(address indexed approver, uint256 indexed dataSetId, uint256 pdpRailId, uint256 cacheMissRailId, uint256 cdnRailId)
    event PDPPaymentTerminated(uint256 indexed dataSetId, uint256 endEpoch, uint256 pdpRailId)
    event FaultRecord(uint256 indexed dataSetId, uint256 periodsFaulted, uint256 deadline)
""")  # noqa: E501

VIEW = Contract(f"""
    function getPriceList() view returns ({_PRICE_LIST} list)
    function getPDPConfig() view returns (uint64 maxProvingPeriod, uint256 challengeWindowSize, uint256 challengesPerProof, uint256 initChallengeWindowStart)
    function getApprovedProviders(uint256 offset, uint256 limit) view returns (uint256[] providerIds)
    function getClientDataSets(address client, uint256 offset, uint256 limit) view returns ({_DATA_SET}[] infos)
    function getDataSet(uint256 dataSetId) view returns ({_DATA_SET} info)
    function getAllDataSetMetadata(uint256 dataSetId) view returns (string[] keys, string[] values)
    function clientNonces(address payer, uint256 nonce) view returns (uint256)
    function provingActivationEpoch(uint256 dataSetId) view returns (uint256)
    function provingDeadline(uint256 setId) view returns (uint256)
    function provenThisPeriod(uint256 dataSetId) view returns (bool)
    function provenPeriods(uint256 dataSetId, uint256 periodId) view returns (bool)
""")  # noqa: E501

PDP = Contract("""
    function VERSION() view returns (string)
    function dataSetLive(uint256 setId) view returns (bool)
    function pieceLive(uint256 setId, uint256 pieceId) view returns (bool)
    function getDataSetListener(uint256 setId) view returns (address)
    function getDataSetLeafCount(uint256 setId) view returns (uint256)
    function getNextPieceId(uint256 setId) view returns (uint256)
    function getNextChallengeEpoch(uint256 setId) view returns (uint256)
    function getDataSetLastProvenEpoch(uint256 setId) view returns (uint256)
    function getActivePiecesByCursor(uint256 setId, uint256 startPieceId, uint256 limit) view returns ((bytes data)[] pieces, uint256[] pieceIds, bool hasMore)
    function findPieceIdsByCid(uint256 setId, (bytes data) pieceCid, uint256 startPieceId, uint256 limit) view returns (uint256[] pieceIds)
    function getPieceCid(uint256 setId, uint256 pieceId) view returns ((bytes data))
    function getScheduledRemovals(uint256 setId) view returns (uint256[])
""")  # noqa: E501

REGISTRY = Contract(f"""
    function getProviderPayee(uint256 providerId) view returns (address payee)
    function getProviderWithProduct(uint256 providerId, uint8 productType) view returns ({_PROVIDER} info)
    function getProvidersByProductType(uint8 productType, bool onlyActive, uint256 offset, uint256 limit) view returns (({_PROVIDER}[] providers, bool hasMore) result)
""")  # noqa: E501

SESSIONS = Contract("""
    function authorizationExpiry(address user, address signer, bytes32 permission) view returns (uint256)
    function login(address signer, uint256 expiry, bytes32[] permissions, string origin)
    function revoke(address signer, bytes32[] permissions, string origin)
""")  # noqa: E501

ENDORSED = Contract("""
    function getProviderIds() view returns (uint256[])
""")

MULTICALL = Contract("""
    function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[] returnData)
    function getBlockNumber() view returns (uint256 blockNumber)
    function getEthBalance(address addr) view returns (uint256 balance)
""")  # noqa: E501
