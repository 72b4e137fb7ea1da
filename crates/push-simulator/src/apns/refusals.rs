//! Every refusal that Apple documents.
//!
//! Owns the list ("Handling notification responses from APNs"), for scripts and for whoever wants to walk
//! through all of it. The simulator's own judgement uses those that it can come to by itself: `reason`.

/// Status and reason of every refusal that Apple's page names. The key that is limited to the other environment
/// stands here twice: the page says `BadEnvironmentKeyIdInToken`, real servers answer `BadEnvironmentKeyInToken`,
/// and so does the simulator.
pub const APNS_REFUSALS: [(u16, &str); 33] = [
    (400, "BadCollapseId"),
    (400, "BadDeviceToken"),
    (400, "BadExpirationDate"),
    (400, "BadMessageId"),
    (400, "BadPriority"),
    (400, "BadTopic"),
    (400, "DeviceTokenNotForTopic"),
    (400, "DuplicateHeaders"),
    (400, "IdleTimeout"),
    (400, "InvalidPushType"),
    (400, "MissingDeviceToken"),
    (400, "MissingTopic"),
    (400, "PayloadEmpty"),
    (400, "TopicDisallowed"),
    (403, "BadCertificate"),
    (403, "BadCertificateEnvironment"),
    (403, "BadEnvironmentKeyIdInToken"),
    (403, "BadEnvironmentKeyInToken"),
    (403, "ExpiredProviderToken"),
    (403, "Forbidden"),
    (403, "InvalidProviderToken"),
    (403, "MissingProviderToken"),
    (403, "UnrelatedKeyIdInToken"),
    (404, "BadPath"),
    (405, "MethodNotAllowed"),
    (410, "ExpiredToken"),
    (410, "Unregistered"),
    (413, "PayloadTooLarge"),
    (429, "TooManyProviderTokenUpdates"),
    (429, "TooManyRequests"),
    (500, "InternalServerError"),
    (503, "ServiceUnavailable"),
    (503, "Shutdown"),
];
