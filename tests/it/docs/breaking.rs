//! What a client that was written for one description of the API would miss in another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Whose side of a call a schema describes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Request,
    Response,
}

/// Limits that may only grow in a request, with those that may only shrink.
const UPPER: [&str; 3] = ["maximum", "maxLength", "maxItems"];
const LOWER: [&str; 3] = ["minimum", "minLength", "minItems"];

struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    found: Vec<String>,
}

/// Each breaking change from `old` to `new`, as a sentence that names the call.
pub(super) fn breaking_changes(old: &Value, new: &Value) -> Vec<String> {
    let mut comparison = Comparison { old, new, found: Vec::new() };
    for (path, item) in members(&old["paths"]) {
        for (method, call) in members(item) {
            let name = format!("{} {path}", method.to_uppercase());
            comparison.call(&name, call, &new["paths"][path][method]);
        }
    }
    comparison.found
}

impl Comparison<'_> {
    fn call(&mut self, name: &str, old: &Value, new: &Value) {
        if new.is_null() {
            return self.found.push(format!("`{name}` is gone"));
        }
        if old["security"] != new["security"] {
            self.found.push(format!("`{name}` asks for another credential"));
        }
        self.parameters(name, old, new);
        let (before, after) = (json_body(&old["requestBody"]), json_body(&new["requestBody"]));
        self.schema(name, Side::Request, before, after, 0);
        for (status, answer) in members(&old["responses"]).filter(|(status, _)| status.starts_with('2')) {
            let now = &new["responses"][status];
            if now.is_null() {
                self.found.push(format!("`{name}` no longer answers {status}"));
            } else {
                self.schema(
                    &format!("{name} → {status}"),
                    Side::Response,
                    json_body(answer),
                    json_body(now),
                    0,
                );
            }
        }
    }

    /// Query, path and header parameters: none may go, and none that is new may be asked for.
    fn parameters(&mut self, name: &str, old: &Value, new: &Value) {
        let (before, after) = (parameters(self.old, old), parameters(self.new, new));
        for (key, parameter) in &before {
            let place = format!("{name} ({} {})", key.0, key.1);
            let Some(now) = after.get(key) else {
                self.found.push(format!("`{place}` is gone"));
                continue;
            };
            if now["required"] == true && parameter["required"] != true {
                self.found.push(format!("`{place}` is required now"));
            }
            self.schema(&place, Side::Request, &parameter["schema"], &now["schema"], 0);
        }
        for ((place, parameter), _) in
            after.iter().filter(|(key, now)| now["required"] == true && !before.contains_key(*key))
        {
            self.found.push(format!("`{name} ({place} {parameter})` is required now"));
        }
    }

    fn schema(&mut self, place: &str, side: Side, old: &Value, new: &Value, depth: usize) {
        assert!(depth < 32, "a schema that holds itself is not compared: {place}");
        let (old, new) = (resolved(self.old, old), resolved(self.new, new));
        if old.is_null() && (side == Side::Response || !new["required"].is_array()) {
            return;
        }
        let (kinds, kinds_now) = (kinds(old), kinds(new));
        let fits = match side {
            Side::Request => kinds.is_subset(&kinds_now),
            Side::Response => kinds_now.is_subset(&kinds),
        };
        if !fits {
            self.found.push(format!("`{place}` is of another type"));
        }
        if side == Side::Request {
            self.limits(place, old, new);
        }
        self.members(place, side, old, new, depth);
        if old["items"].is_object() {
            self.schema(place, side, &old["items"], &new["items"], depth + 1);
        }
        for (index, one) in old["oneOf"].as_array().into_iter().flatten().enumerate() {
            self.schema(place, side, one, &new["oneOf"][index], depth + 1);
        }
    }

    fn members(&mut self, place: &str, side: Side, old: &Value, new: &Value, depth: usize) {
        let (required, required_now) = (names(&old["required"]), names(&new["required"]));
        let lost = match side {
            Side::Request => required_now.difference(&required),
            Side::Response => required.difference(&required_now),
        };
        for name in lost {
            let what = if side == Side::Request { "is required now" } else { "may be missing now" };
            self.found.push(format!("`{place}`: `{name}` {what}"));
        }
        for (name, member) in members(&old["properties"]) {
            let now = &new["properties"][name];
            if now.is_null() {
                self.found.push(format!("`{place}`: `{name}` is gone"));
            } else {
                self.schema(&format!("{place}: {name}"), side, member, now, depth + 1);
            }
        }
    }

    fn limits(&mut self, place: &str, old: &Value, new: &Value) {
        for limit in UPPER {
            if new[limit].as_f64().is_some_and(|now| old[limit].as_f64().is_none_or(|before| now < before)) {
                self.found.push(format!("`{place}`: {limit} is lower"));
            }
        }
        for limit in LOWER {
            if new[limit].as_f64().is_some_and(|now| old[limit].as_f64().is_none_or(|before| now > before)) {
                self.found.push(format!("`{place}`: {limit} is higher"));
            }
        }
        let allowed = names(&new["enum"]);
        for name in names(&old["enum"]).difference(&allowed) {
            self.found.push(format!("`{place}`: `{name}` is no longer taken"));
        }
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// The parameters of a call, by where they stand and by name.
fn parameters<'a>(description: &'a Value, call: &'a Value) -> BTreeMap<(&'a str, &'a str), &'a Value> {
    let all = call["parameters"].as_array().into_iter().flatten();
    all.map(|parameter| resolved(description, parameter))
        .map(|parameter| {
            ((parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap()), parameter)
        })
        .collect()
}

fn json_body(value: &Value) -> &Value {
    &value["content"]["application/json"]["schema"]
}

fn resolved<'a>(description: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = schema["$ref"].as_str().and_then(|name| name.strip_prefix('#'));
    pointer.map_or(schema, |pointer| description.pointer(pointer).unwrap())
}

/// The values of a list of texts.
fn names(list: &Value) -> BTreeSet<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// `type` is one name or a list of them.
fn kinds(schema: &Value) -> BTreeSet<&str> {
    schema["type"].as_str().into_iter().chain(names(&schema["type"])).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn description() -> Value {
        json!({
            "components": {"schemas": {"New": {"type": "object", "required": ["a"], "properties": {
                "a": {"type": "string", "maxLength": 10}, "b": {"type": "string", "enum": ["x", "y"]}}}}},
            "paths": {"/v1/things": {"post": {"security": [{"sender": ["notify"]}],
                "parameters": [{"in": "query", "name": "q", "required": false, "schema": {"type": "string"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}},
                "responses": {"200": {"content": {"application/json": {"schema": {
                    "type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}}}}}}}
        })
    }

    /// The one break that comes of putting `value` at `place`; null takes it away.
    fn after(place: &str, value: Value) -> Vec<String> {
        let (old, mut new) = (description(), description());
        *new.pointer_mut(place).unwrap() = value;
        breaking_changes(&old, &new)
    }

    #[test]
    fn what_a_client_would_miss_is_found() {
        let (new, call) = ("/components/schemas/New", "/paths/~1v1~1things/post");
        let with_another = json!([
            {"in": "query", "name": "q", "required": false, "schema": {"type": "string"}},
            {"in": "query", "name": "r", "required": true, "schema": {"type": "string"}}]);
        let answer = format!("{call}/responses/200/content/application~1json/schema");
        for (place, value, part) in [
            (call.to_owned(), json!(null), "is gone"),
            (format!("{call}/security"), json!([]), "another credential"),
            (format!("{call}/parameters"), json!([]), "(query q)` is gone"),
            (format!("{call}/parameters/0/required"), json!(true), "(query q)` is required now"),
            (format!("{call}/parameters/0/schema/type"), json!("integer"), "another type"),
            (format!("{call}/parameters"), with_another, "(query r)` is required now"),
            (format!("{call}/responses"), json!({}), "no longer answers 200"),
            (format!("{new}/required"), json!(["a", "b"]), "`b` is required now"),
            (format!("{new}/properties/b"), json!(null), "`b` is gone"),
            (format!("{new}/properties/b/enum"), json!(["x"]), "`y` is no longer taken"),
            (format!("{new}/properties/a/maxLength"), json!(9), "maxLength is lower"),
            (format!("{new}/properties/a/type"), json!("integer"), "another type"),
            (format!("{answer}/properties/id"), json!(null), "`id` is gone"),
            (format!("{answer}/required"), json!([]), "`id` may be missing now"),
            (format!("{answer}/properties/id/type"), json!(["string", "null"]), "another type"),
        ] {
            let found = after(&place, value);
            assert!(found.len() == 1 && found[0].contains(part), "{place}: {found:?}");
        }
    }

    #[test]
    fn what_only_adds_breaks_nothing() {
        let new = "/components/schemas/New/properties";
        for (place, value) in [
            (format!("{new}/b/enum"), json!(["x", "y", "z"])),
            (format!("{new}/a/maxLength"), json!(11)),
            (format!("{new}/a/type"), json!(["string", "null"])),
        ] {
            assert_eq!(after(&place, value), [""; 0], "{place}");
        }
    }
}
