//! Reading JSON as a message.
//!
//! Owns the rules of Google's JSON mapping: names in `snake_case` or `lowerCamelCase`, unknown names refused,
//! null the same as absent. Gives the request back with `snake_case` names, so that nobody behind it meets
//! two spellings. Read next: `schema`, `message`.

use serde_json::{Map, Value};

use crate::fcm::schema::{Fields, Kind};
use crate::fcm::violation::Violation;

/// Holds an object against its fields. `path` names it in errors; empty for the whole request.
pub(crate) fn object(value: &Value, fields: Fields, path: &str) -> Result<Map<String, Value>, Violation> {
    let Value::Object(members) = value else { return Err(wrong_type(path, "an object", value)) };
    let mut read = Map::new();
    for (name, member) in members {
        let snake = snake_case(name);
        let Some((known, kind)) = fields.iter().find(|(known, _)| *known == snake) else {
            return Err(unknown_name(path, name));
        };
        if !member.is_null() {
            read.insert((*known).to_owned(), field(member, *kind, &join(path, known))?);
        }
    }
    Ok(read)
}

fn field(value: &Value, kind: Kind, path: &str) -> Result<Value, Violation> {
    match kind {
        Kind::Object(fields) => object(value, fields, path).map(Value::Object),
        Kind::List(kind) => {
            let Value::Array(items) = value else { return Err(wrong_type(path, "a list", value)) };
            let read = items.iter().enumerate();
            read.map(|(index, item)| field(item, *kind, &format!("{path}[{index}]"))).collect()
        }
        Kind::TextMap => {
            let Value::Object(members) = value else { return Err(wrong_type(path, "a map", value)) };
            match members.iter().enumerate().find(|(_, (_, member))| !member.is_string()) {
                // A proto map is a list of entries, and is named as one.
                Some((index, (_, member))) => {
                    Err(wrong_type(&format!("{path}[{index}].value"), "TYPE_STRING", member))
                }
                None => Ok(value.clone()),
            }
        }
        Kind::Text => keep(value, path, "TYPE_STRING", Value::is_string),
        Kind::Bool => keep(value, path, "TYPE_BOOL", Value::is_boolean),
        Kind::Int => keep(value, path, "TYPE_INT32", |value| {
            value.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
        }),
        Kind::Number => keep(value, path, "TYPE_FLOAT", Value::is_number),
        Kind::Struct => keep(value, path, "google.protobuf.Struct", Value::is_object),
        Kind::Enum(names) => keep(value, path, "an enum value", |value| {
            value.as_str().is_some_and(|text| names.contains(&text))
        }),
        Kind::Duration => keep(value, path, "google.protobuf.Duration", |value| {
            value.as_str().is_some_and(|text| seconds(text).is_some())
        }),
    }
}

/// The whole seconds of a duration, rounded up; `None` where it is none. Negative ones are read too.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let number = text.strip_suffix('s')?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || !all_digits(digits) || !all_digits(decimals) || decimals.len() > 9 {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    Some(whole.saturating_add(i64::from(decimals.bytes().any(|byte| byte != b'0'))))
}

fn keep(value: &Value, path: &str, kind: &str, fits: impl Fn(&Value) -> bool) -> Result<Value, Violation> {
    if fits(value) { Ok(value.clone()) } else { Err(wrong_type(path, kind, value)) }
}

fn wrong_type(path: &str, kind: &str, value: &Value) -> Violation {
    Violation::unreadable(path, format!("Invalid value at '{path}' ({kind}), {value}"))
}

fn unknown_name(path: &str, name: &str) -> Violation {
    let place = if path.is_empty() { String::new() } else { format!(" at '{path}'") };
    let message =
        format!("Invalid JSON payload received. Unknown name \"{name}\"{place}: Cannot find field.");
    Violation::unreadable(path, message)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_duration_is_a_decimal_number_of_seconds() {
        for (text, expected) in [("0s", 0), ("86400s", 86400), ("3.5s", 4), ("3.000s", 3), ("-1s", -1)] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in ["", "s", "5", "5 s", "-s", "1e3s", "1.0000000001s", "99999999999999999999s"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
