//! The header `Retry-After` (RFC 9110, section 10.2.3).

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, header};

use crate::base::UnixMillis;

/// Nobody is believed who asks for more than a day.
const LONGEST: Duration = Duration::from_hours(24);

/// How long the header asks to wait: whole seconds, or a date in one of the three forms of RFC 9110, section
/// 5.6.7, measured from `now`. `None` where there is none that can be read.
pub(super) fn parse(headers: &HeaderMap, now: UnixMillis) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if let Ok(seconds) = text.parse::<u64>() {
        Duration::from_secs(seconds)
    } else {
        let date = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
        UnixMillis(i64::try_from(date.as_millis()).ok()?).since(now)
    };
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(text: &'static str) -> Option<u64> {
        let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static(text))]);
        parse(&headers, UnixMillis(1_763_683_200_000)).map(|wait| wait.as_secs())
    }

    #[test]
    fn both_forms_are_read() {
        assert_eq!(read("120"), Some(120));
        assert_eq!(read("Fri, 21 Nov 2025 00:01:30 GMT"), Some(90));
        assert_eq!(read("Friday, 21-Nov-25 00:01:30 GMT"), Some(90));
    }

    #[test]
    fn a_date_in_the_past_asks_for_nothing_and_a_century_for_a_day() {
        assert_eq!(read("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(read("3153600000"), Some(86_400));
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        for bad in ["", "-1", "1.5", "soon", "99999999999999999999"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(parse(&HeaderMap::new(), UnixMillis(0)), None);
    }
}
