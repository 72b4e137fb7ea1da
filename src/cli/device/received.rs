//! What a push service handed to a phone, read as the app reads it.

use sealpush_seal::{Envelope, EnvelopeError};
use serde_json::Value;

use crate::cli::content::Content;

/// A message of the relay's, in one of the forms.
#[derive(Debug, Clone)]
pub(crate) enum Received {
    /// An envelope.
    Sealed(Envelope),
    /// No content.
    Omitted {
        /// What to show instead.
        placeholder: String,
        /// By which to fetch from the app's own server.
        reference: Option<String>,
    },
    /// Readable content.
    Clear(Content),
    /// A code of the relay's, to be echoed; never shown.
    Code(String),
}

/// A message that is none of the relay's, or a broken one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReceivedError {
    /// Neither an envelope nor a form.
    #[error("the message has neither `seal` nor `form`")]
    NoForm,
    /// The envelope cannot be read.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The form is none that this app knows.
    #[error("the form of the message is unknown")]
    UnknownForm,
}

impl Received {
    /// Reads the payload that APNs got, or the `message` that FCM got.
    pub(crate) fn read(message: &Value) -> Result<Self, ReceivedError> {
        // FCM carries our members in `data`, APNs beside `aps`.
        let members = message.get("data").filter(|_| message.get("aps").is_none()).unwrap_or(message);
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        if let Some(seal) = text("seal") {
            return Ok(Self::Sealed(Envelope::from_base64url(seal)?));
        }
        if let Some(code) = text("confirm") {
            return Ok(Self::Code(code.to_owned()));
        }
        match text("form").ok_or(ReceivedError::NoForm)? {
            "omitted" => Ok(Self::Omitted {
                placeholder: text("placeholder")
                    .or_else(|| alert(message))
                    .unwrap_or("New notification")
                    .to_owned(),
                reference: text("reference").map(str::to_owned),
            }),
            "clear" => {
                let data = match members.get("data") {
                    // FCM's data are strings only.
                    Some(Value::String(json)) => serde_json::from_str(json).ok(),
                    Some(Value::Object(data)) => Some(data.clone()),
                    _ => None,
                };
                let part = |name| text(name).unwrap_or_default().to_owned();
                Ok(Self::Clear(Content { title: part("title"), body: part("body"), data }))
            }
            _ => Err(ReceivedError::UnknownForm),
        }
    }
}

/// The placeholder that iOS shows before the app's extension has run.
fn alert(message: &Value) -> Option<&str> {
    let alert = message.get("aps")?.get("alert")?;
    alert.as_str().or_else(|| alert.get("body")?.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn omitted_content_is_read_from_both_push_services() {
        let apns =
            json!({"aps": {"alert": {"body": "Neu"}}, "form": "omitted", "delivery": "x", "reference": "r"});
        let fcm = json!({"token": "t", "data": {"form": "omitted", "placeholder": "Neu", "reference": "r"}});
        for message in [apns, fcm] {
            let Ok(Received::Omitted { placeholder, reference }) = Received::read(&message) else {
                panic!("not omitted: {message}")
            };
            assert_eq!((placeholder.as_str(), reference.as_deref()), ("Neu", Some("r")));
        }
    }

    #[test]
    fn a_code_is_read_from_both_push_services() {
        for message in
            [json!({"aps": {"content-available": 1}, "confirm": "c"}), json!({"data": {"confirm": "c"}})]
        {
            let Ok(Received::Code(code)) = Received::read(&message) else { panic!("no code: {message}") };
            assert_eq!(code, "c");
        }
    }

    #[test]
    fn a_broken_envelope_is_named_and_never_shown() {
        let version = json!({"data": {"seal": "AgE"}});
        assert_eq!(
            Received::read(&version).err(),
            Some(ReceivedError::Envelope(EnvelopeError::UnsupportedVersion(2)))
        );
        assert_eq!(Received::read(&json!({"aps": {}})).err(), Some(ReceivedError::NoForm));
        assert_eq!(Received::read(&json!({"form": "x"})).err(), Some(ReceivedError::UnknownForm));
    }

    #[test]
    fn clear_content_is_read_with_its_data_as_object_or_text() {
        let apns = json!({"aps": {}, "form": "clear", "title": "t", "body": "b", "data": {"k": "v"}});
        let fcm = json!({"data": {"form": "clear", "title": "t", "body": "b", "data": "{\"k\":\"v\"}"}});
        for message in [apns, fcm] {
            let Ok(Received::Clear(content)) = Received::read(&message) else {
                panic!("not clear: {message}")
            };
            assert_eq!(content.texts(), ["t", "b", "v"]);
        }
    }
}
