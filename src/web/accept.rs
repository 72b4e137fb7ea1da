//! Whether a client takes what the API speaks (RFC 9110, section 12.5.1).

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};

use super::Problem;

/// Refuses a request whose client takes no JSON. Browsers take anything, with a lower weight.
pub async fn json_or_nothing(request: Request, next: Next) -> Result<Response, Problem> {
    if takes_json(request.headers()) {
        return Ok(next.run(request).await);
    }
    Err(Problem::new(
        StatusCode::NOT_ACCEPTABLE,
        "not_acceptable",
        "The answer is JSON: send Accept: application/json, or no such header.",
    ))
}

fn takes_json(headers: &HeaderMap) -> bool {
    let mut ranges =
        headers.get_all(ACCEPT).iter().flat_map(|value| value.to_str().unwrap_or("*/*").split(','));
    let Some(first) = ranges.next() else { return true };
    // An empty list says nothing.
    std::iter::once(first).chain(ranges).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let fits = ["", "*/*", "application/*", "application/json"]
            .iter()
            .any(|ours| kind.eq_ignore_ascii_case(ours));
        fits && !parts.any(is_weight_of_zero)
    })
}

fn is_weight_of_zero(parameter: &str) -> bool {
    let weight = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="));
    weight.is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn takes(values: &[&str]) -> bool {
        takes_json(&values.iter().map(|value| (ACCEPT, value.parse().unwrap())).collect())
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

    proptest! {
        #[test]
        fn any_header_that_names_json_with_a_weight_takes_it(others in "[ -+--~]{0,40}", weight in 1u32..=999) {
            let value = format!("{others}, application/json;q=0.{weight:03}");
            prop_assert!(takes(&[&value]), "{}", value);
        }
    }
}
