//! Whether a client takes what the API speaks (RFC 9110, section 12.5.1).

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};

use super::Problem;

/// Refuses a request whose client takes no JSON. Browsers take anything, with a lower weight.
pub async fn json_or_nothing(request: Request, next: Next) -> Result<Response, Problem> {
    // A query may ask for another spelling of the same.
    let is_csv = request.uri().query().is_some_and(|query| query.split('&').any(|part| part == "format=csv"));
    let (kind, name) = if is_csv { ("text", "csv") } else { ("application", "json") };
    if takes(request.headers(), kind, name) {
        return Ok(next.run(request).await);
    }
    Err(not_acceptable(
        "The answer is JSON: send Accept: application/json, or no such header; or what the query asks for.",
    ))
}

/// What a client would rather have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preferred {
    /// JSON, for programs.
    Json,
    /// A page, for people.
    Page,
}

/// Which form a client is answered in that takes JSON and HTML. Where it takes both alike it is a program: a browser
/// names `text/html` first.
pub fn json_or_page(headers: &HeaderMap) -> Result<Preferred, Problem> {
    let (json, page) = (weight(headers, "application", "json"), weight(headers, "text", "html"));
    if page > json {
        return Ok(Preferred::Page);
    }
    if json > 0.0 {
        Ok(Preferred::Json)
    } else {
        Err(not_acceptable(
            "The answer is JSON or a page: send Accept: \
                  application/json or text/html, or no such header.",
        ))
    }
}

fn not_acceptable(detail: &str) -> Problem {
    Problem::new(StatusCode::NOT_ACCEPTABLE, "not_acceptable", detail)
}

fn takes(headers: &HeaderMap, kind: &str, name: &str) -> bool {
    weight(headers, kind, name) > 0.0
}

/// How much a client wants a type, from 0 to 1: what its most specific range says that fits. Without the header it takes
/// anything.
fn weight(headers: &HeaderMap, kind: &str, name: &str) -> f32 {
    let ranges = headers.get_all(ACCEPT).iter().flat_map(|value| value.to_str().unwrap_or("*/*").split(','));
    let fitting = ranges.filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let specific = how_specific(parts.next().unwrap_or_default(), kind, name)?;
        Some((specific, parts.find_map(weight_of).unwrap_or(1.0)))
    });
    let all = fitting.fold(None, |best: Option<(u8, f32)>, one| match best {
        Some(best) if best.0 > one.0 || (best.0 == one.0 && best.1 >= one.1) => Some(best),
        _ => Some(one),
    });
    match all {
        Some((_, weight)) => weight,
        None if headers.contains_key(ACCEPT) => 0.0,
        None => 1.0,
    }
}

/// How closely a range names a type; `None` where it does not fit.
fn how_specific(range: &str, kind: &str, name: &str) -> Option<u8> {
    // An empty list says nothing.
    if range.is_empty() || range == "*/*" {
        return Some(0);
    }
    let (range_kind, range_name) = range.split_once('/')?;
    if !range_kind.eq_ignore_ascii_case(kind) {
        return None;
    }
    match range_name {
        "*" => Some(1),
        other => other.eq_ignore_ascii_case(name).then_some(2),
    }
}

/// The weight that a parameter is, if it is one. What is no number weighs all.
fn weight_of(parameter: &str) -> Option<f32> {
    let weight = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="))?;
    Some(
        weight
            .parse()
            .ok()
            .filter(|weight: &f32| !weight.is_nan())
            .map_or(1.0, |weight| weight.clamp(0.0, 1.0)),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (ACCEPT, value.parse().unwrap())).collect()
    }

    fn takes(values: &[&str]) -> bool {
        super::takes(&headers(values), "application", "json")
    }

    #[test]
    fn who_asks_for_csv_takes_csv() {
        let takes_csv = |value| super::takes(&headers(&[value]), "text", "csv");
        assert!(takes_csv("text/csv") && takes_csv("*/*") && !takes_csv("application/json"));
    }

    #[test]
    fn json_is_taken_by_name_by_range_and_by_default() {
        for values in [
            &[][..],
            &[""],
            &["*/*"],
            &["application/*"],
            &["application/json; charset=utf-8"],
            &["Application/JSON;q=0.5"],
            &["text/html, application/xml;q=0.9, */*;q=0.8"],
            &["text/html", "application/json"],
        ] {
            assert!(takes(values), "{values:?}");
        }
    }

    #[test]
    fn who_takes_something_else_alone_does_not_take_json() {
        for values in
            [&["text/html"][..], &["application/xml"], &["application/json;q=0"], &["text/*, */*;q=0.0"]]
        {
            assert!(!takes(values), "{values:?}");
        }
    }

    fn preferred(value: &str) -> Option<Preferred> {
        json_or_page(&[(ACCEPT, value.parse().unwrap())].into_iter().collect()).ok()
    }

    #[test]
    fn a_browser_gets_a_page_and_a_program_json() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(preferred(browser), Some(Preferred::Page));
        for program in ["*/*", "", "application/json", "application/json, text/html", "text/html;q=0.5, */*"]
        {
            assert_eq!(preferred(program), Some(Preferred::Json), "{program}");
        }
        assert_eq!(json_or_page(&HeaderMap::new()).ok(), Some(Preferred::Json));
        assert_eq!(preferred("text/html"), Some(Preferred::Page));
        assert_eq!(preferred("application/json;q=0, text/*;q=0.1"), Some(Preferred::Page));
        assert_eq!((preferred("image/png"), preferred("*/*;q=0")), (None, None));
    }

    proptest! {
        #[test]
        fn any_header_that_names_json_with_a_weight_takes_it(others in "[ -+--~]{0,40}", weight in 1u32..=999) {
            let value = format!("{others}, application/json;q=0.{weight:03}");
            prop_assert!(takes(&[&value]), "{}", value);
        }
    }
}
