// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Providers by id, from 1 on, and what they say of their products. Product 0 is PDP.
contract ServiceProviderRegistry {
    string public constant VERSION = "1.0.0";
    uint256 public constant REGISTRATION_FEE = 5 ether;
    uint256 public constant MAX_CAPABILITIES = 24;
    uint256 public constant MAX_CAPABILITY_KEY_LENGTH = 32;
    uint256 public constant MAX_CAPABILITY_VALUE_LENGTH = 128;

    struct ServiceProviderInfo {
        address serviceProvider;
        address payee;
        string name;
        string description;
        bool isActive;
    }

    struct ServiceProviderInfoView {
        uint256 providerId;
        ServiceProviderInfo info;
    }

    struct ServiceProduct {
        uint8 productType;
        string[] capabilityKeys;
        bool isActive;
    }

    struct ProviderWithProduct {
        uint256 providerId;
        ServiceProviderInfo providerInfo;
        ServiceProduct product;
        bytes[] productCapabilityValues;
    }

    struct PaginatedProviders {
        ProviderWithProduct[] providers;
        bool hasMore;
    }

    ServiceProviderInfo[] private infos;
    mapping(address => uint256) private idOf;
    mapping(uint256 => mapping(uint8 => ServiceProduct)) private products;
    mapping(uint256 => mapping(uint8 => bytes[])) private valuesOf;

    event ProviderRegistered(uint256 indexed providerId, address indexed serviceProvider, address indexed payee);
    event ProductAdded(
        uint256 indexed providerId, uint8 indexed productType, address serviceProvider,
        string[] capabilityKeys, bytes[] capabilityValues
    );
    event ProductUpdated(
        uint256 indexed providerId, uint8 indexed productType, address serviceProvider,
        string[] capabilityKeys, bytes[] capabilityValues
    );
    event ProductRemoved(uint256 indexed providerId, uint8 indexed productType);
    event ProviderInfoUpdated(uint256 indexed providerId);
    event ProviderRemoved(uint256 indexed providerId);

    modifier known(uint256 providerId) {
        require(providerId > 0 && providerId <= infos.length, "Provider does not exist");
        _;
    }

    function registerProvider(
        address payee, string calldata name, string calldata description, uint8 productType,
        string[] calldata capabilityKeys, bytes[] calldata capabilityValues
    ) external payable returns (uint256 providerId) {
        require(msg.value == REGISTRATION_FEE, "Incorrect fee amount");
        require(idOf[msg.sender] == 0, "Address already registered");
        require(payee != address(0), "Payee cannot be zero address");
        require(bytes(name).length <= 128 && bytes(description).length <= 256, "Name or description too long");
        infos.push(ServiceProviderInfo(msg.sender, payee, name, description, true));
        providerId = infos.length;
        idOf[msg.sender] = providerId;
        emit ProviderRegistered(providerId, msg.sender, payee);
        _setProduct(providerId, productType, capabilityKeys, capabilityValues);
        emit ProductAdded(providerId, productType, msg.sender, capabilityKeys, capabilityValues);
    }

    function updateProduct(uint8 productType, string[] calldata capabilityKeys, bytes[] calldata capabilityValues)
        external
    {
        uint256 providerId = getProviderIdByAddress(msg.sender);
        require(products[providerId][productType].isActive, "Product does not exist for this provider");
        _setProduct(providerId, productType, capabilityKeys, capabilityValues);
        emit ProductUpdated(providerId, productType, msg.sender, capabilityKeys, capabilityValues);
    }

    function removeProduct(uint8 productType) external {
        uint256 providerId = getProviderIdByAddress(msg.sender);
        products[providerId][productType].isActive = false;
        emit ProductRemoved(providerId, productType);
    }

    function removeProvider() external known(idOf[msg.sender]) {
        uint256 providerId = idOf[msg.sender];
        infos[providerId - 1].isActive = false;
        products[providerId][0].isActive = false;
        delete idOf[msg.sender];
        emit ProviderRemoved(providerId);
    }

    function _setProduct(uint256 id, uint8 productType, string[] calldata keys, bytes[] calldata values) private {
        require(keys.length == values.length, "Keys and values arrays must have same length");
        require(keys.length <= MAX_CAPABILITIES, "Too many capabilities");
        products[id][productType] = ServiceProduct(productType, keys, true);
        delete valuesOf[id][productType];
        for (uint256 i = 0; i < keys.length; i++) {
            require(bytes(keys[i]).length <= MAX_CAPABILITY_KEY_LENGTH, "Capability key too long");
            require(values[i].length <= MAX_CAPABILITY_VALUE_LENGTH, "Capability value too long");
            valuesOf[id][productType].push(values[i]);
        }
    }

    function getProviderCount() external view returns (uint256) {
        return infos.length;
    }

    function getProvider(uint256 providerId)
        public view known(providerId) returns (ServiceProviderInfoView memory info)
    {
        return ServiceProviderInfoView(providerId, infos[providerId - 1]);
    }

    function getProviderPayee(uint256 providerId) external view known(providerId) returns (address payee) {
        return infos[providerId - 1].payee;
    }

    /// 0 where the address is nobody's.
    function getProviderIdByAddress(address providerAddress) public view returns (uint256) {
        return idOf[providerAddress];
    }

    function getProviderByAddress(address providerAddress)
        external view returns (ServiceProviderInfoView memory info)
    {
        uint256 providerId = idOf[providerAddress];
        if (providerId != 0) info = getProvider(providerId);
    }

    function isProviderActive(uint256 providerId) external view known(providerId) returns (bool) {
        return infos[providerId - 1].isActive;
    }

    function getProviderWithProduct(uint256 providerId, uint8 productType)
        public view known(providerId) returns (ProviderWithProduct memory)
    {
        return ProviderWithProduct(
            providerId, infos[providerId - 1], products[providerId][productType], valuesOf[providerId][productType]
        );
    }

    function getProvidersByProductType(uint8 productType, bool onlyActive, uint256 offset, uint256 limit)
        external view returns (PaginatedProviders memory result)
    {
        uint256 total;
        for (uint256 id = 1; id <= infos.length; id++) {
            if (_offers(id, productType, onlyActive)) total++;
        }
        if (offset >= total) return result;
        uint256 length = total - offset < limit ? total - offset : limit;
        result.providers = new ProviderWithProduct[](length);
        result.hasMore = offset + length < total;
        uint256 index;
        for (uint256 id = 1; id <= infos.length && index < offset + length; id++) {
            if (!_offers(id, productType, onlyActive)) continue;
            if (index >= offset) result.providers[index - offset] = getProviderWithProduct(id, productType);
            index++;
        }
    }

    function getProvidersByIds(uint256[] calldata providerIds)
        external view returns (ServiceProviderInfoView[] memory providerInfos, bool[] memory validIds)
    {
        providerInfos = new ServiceProviderInfoView[](providerIds.length);
        validIds = new bool[](providerIds.length);
        for (uint256 i = 0; i < providerIds.length; i++) {
            validIds[i] = providerIds[i] > 0 && providerIds[i] <= infos.length;
            if (validIds[i]) providerInfos[i] = getProvider(providerIds[i]);
        }
    }

    function getAllActiveProviders(uint256 offset, uint256 limit)
        external view returns (uint256[] memory providerIds, bool hasMore)
    {
        uint256[] memory found = new uint256[](infos.length);
        uint256 total;
        for (uint256 id = 1; id <= infos.length; id++) {
            if (infos[id - 1].isActive) found[total++] = id;
        }
        uint256 length = offset >= total ? 0 : (total - offset < limit ? total - offset : limit);
        providerIds = new uint256[](length);
        for (uint256 i = 0; i < length; i++) providerIds[i] = found[offset + i];
        hasMore = offset + length < total;
    }

    function getAllProductCapabilities(uint256 providerId, uint8 productType)
        external view known(providerId) returns (bool isActive, string[] memory keys, bytes[] memory values)
    {
        ServiceProduct storage product = products[providerId][productType];
        return (product.isActive, product.capabilityKeys, valuesOf[providerId][productType]);
    }

    function _offers(uint256 id, uint8 productType, bool onlyActive) private view returns (bool) {
        ServiceProduct storage product = products[id][productType];
        if (product.capabilityKeys.length == 0) return false;
        return !onlyActive || (product.isActive && infos[id - 1].isActive);
    }
}
