//! The fields of a send request.
//!
//! Owns the tables of the REST reference "projects.messages" and "projects.messages.send": every field that
//! exists, and its type. Read next: `shape`, which holds a request against them.

/// The type of a field.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    Bool,
    Int,
    Number,
    /// Seconds with up to nine decimals and an `s`: `"86400s"`.
    Duration,
    /// A map of strings to strings.
    TextMap,
    /// Any JSON object.
    Struct,
    /// One of these names.
    Enum(&'static [&'static str]),
    List(&'static Kind),
    Object(Fields),
}

/// The fields of an object, by their `snake_case` names.
pub(crate) type Fields = &'static [(&'static str, Kind)];

/// The body of `messages:send`.
pub(crate) const REQUEST: Fields = &[("validate_only", Kind::Bool), ("message", Kind::Object(MESSAGE))];

const MESSAGE: Fields = &[
    ("name", Kind::Text),
    ("data", Kind::TextMap),
    ("notification", Kind::Object(NOTIFICATION)),
    ("android", Kind::Object(ANDROID)),
    ("webpush", Kind::Object(WEBPUSH)),
    ("apns", Kind::Object(APNS)),
    ("fcm_options", Kind::Object(FCM_OPTIONS)),
    ("token", Kind::Text),
    ("fid", Kind::Text),
    ("topic", Kind::Text),
    ("condition", Kind::Text),
];

const NOTIFICATION: Fields = &[("title", Kind::Text), ("body", Kind::Text), ("image", Kind::Text)];

const FCM_OPTIONS: Fields = &[("analytics_label", Kind::Text)];

const ANDROID: Fields = &[
    ("collapse_key", Kind::Text),
    ("priority", Kind::Enum(&["NORMAL", "HIGH", "normal", "high"])),
    ("ttl", Kind::Duration),
    ("restricted_package_name", Kind::Text),
    ("data", Kind::TextMap),
    ("notification", Kind::Object(ANDROID_NOTIFICATION)),
    ("fcm_options", Kind::Object(FCM_OPTIONS)),
    ("direct_boot_ok", Kind::Bool),
    ("bandwidth_constrained_ok", Kind::Bool),
    ("restricted_satellite_ok", Kind::Bool),
];

const ANDROID_NOTIFICATION: Fields = &[
    ("title", Kind::Text),
    ("body", Kind::Text),
    ("icon", Kind::Text),
    ("color", Kind::Text),
    ("sound", Kind::Text),
    ("tag", Kind::Text),
    ("click_action", Kind::Text),
    ("body_loc_key", Kind::Text),
    ("body_loc_args", Kind::List(&Kind::Text)),
    ("title_loc_key", Kind::Text),
    ("title_loc_args", Kind::List(&Kind::Text)),
    ("channel_id", Kind::Text),
    ("ticker", Kind::Text),
    ("sticky", Kind::Bool),
    ("event_time", Kind::Text),
    ("local_only", Kind::Bool),
    (
        "notification_priority",
        Kind::Enum(&[
            "PRIORITY_UNSPECIFIED",
            "PRIORITY_MIN",
            "PRIORITY_LOW",
            "PRIORITY_DEFAULT",
            "PRIORITY_HIGH",
            "PRIORITY_MAX",
        ]),
    ),
    ("default_sound", Kind::Bool),
    ("default_vibrate_timings", Kind::Bool),
    ("default_light_settings", Kind::Bool),
    ("vibrate_timings", Kind::List(&Kind::Duration)),
    ("visibility", Kind::Enum(&["VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"])),
    ("notification_count", Kind::Int),
    ("light_settings", Kind::Object(LIGHT_SETTINGS)),
    ("image", Kind::Text),
    ("bypass_proxy_notification", Kind::Bool),
    ("proxy", Kind::Enum(&["PROXY_UNSPECIFIED", "ALLOW", "DENY", "IF_PRIORITY_LOWERED"])),
];

const LIGHT_SETTINGS: Fields = &[
    ("color", Kind::Object(COLOR)),
    ("light_on_duration", Kind::Duration),
    ("light_off_duration", Kind::Duration),
];

const COLOR: Fields =
    &[("red", Kind::Number), ("green", Kind::Number), ("blue", Kind::Number), ("alpha", Kind::Number)];

const WEBPUSH: Fields = &[
    ("headers", Kind::TextMap),
    ("data", Kind::TextMap),
    ("notification", Kind::Struct),
    ("fcm_options", Kind::Object(&[("link", Kind::Text), ("analytics_label", Kind::Text)])),
];

const APNS: Fields = &[
    ("headers", Kind::TextMap),
    ("payload", Kind::Struct),
    ("fcm_options", Kind::Object(&[("analytics_label", Kind::Text), ("image", Kind::Text)])),
    ("live_activity_token", Kind::Text),
];
