//! The OpenAPI 3.1 description of this door, made from the handlers and their documents.
//!
//! Owns what holds for every call: who it is by, and that each refusal is a problem document. What a single call
//! takes and answers stands at its handler. Read next: `docs.rs`, which serves it.

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Description, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use crate::web::ProblemDocument;

/// The name of the response that stands for every refusal.
const PROBLEM: &str = "Problem";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sealpush",
        version = env!("CARGO_PKG_VERSION"),
        description = "The push relay that cannot read your notifications. Senders (self-hosted servers) notify; apps \
                       register device tokens. The relay serves no key: a sender gets a subscription's public key from \
                       the app, over its own login.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "relay", description = "What the relay says of itself, to anyone"),
        (name = "senders", description = "Servers that join, and what a sender does with itself"),
        (name = "registrations", description = "Device tokens, by apps"),
        (name = "subscriptions", description = "One sender's right to reach one registration, by apps and senders"),
        (name = "notifications", description = "Notifications and their outcomes, by senders"),
    ),
    components(schemas(ProblemDocument<'_>)),
    modifiers(&Credentials),
)]
struct Common;

/// The description without a single path: routes add theirs.
pub(super) fn common() -> Description {
    Common::openapi()
}

/// Who may call what.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, description: &mut Description) {
        let components = description.components.get_or_insert_default();
        let schemes = [
            ("sender", "sp_s_…", "A sender's credential; each call names the scope that it asks for."),
            ("registration", "sp_r_…", "What an app holds on its registration."),
        ];
        for (name, format, text) in schemes {
            let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format(format);
            components
                .add_security_scheme(name, SecurityScheme::Http(scheme.description(Some(text)).build()));
        }
        let content = Content::new(Some(Ref::from_schema_name(PROBLEM)));
        let problem = ResponseBuilder::new()
            .description("Every refusal is a problem document (RFC 9457); programs go by its `code`.")
            .content("application/problem+json", content);
        components.responses.insert(PROBLEM.to_owned(), RefOr::T(problem.build()));
    }
}

/// Says at each call that what is no success is a problem document.
pub(super) fn with_refusals(mut description: Description) -> Description {
    for item in description.paths.paths.values_mut() {
        for operation in operations(item) {
            let problem = RefOr::Ref(Ref::from_response_name(PROBLEM));
            operation.responses.responses.insert("default".to_owned(), problem);
        }
    }
    description
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let methods = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
    methods.into_iter().flatten()
}
