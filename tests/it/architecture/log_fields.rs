//! Every field of every log call is in the closed list: one that is not would silently drop the line.

use std::collections::BTreeSet;

use sealpush::telemetry::LogField;

use super::Source;

const CALLS: [&str; 10] = [
    "error!(",
    "warn!(",
    "info!(",
    "debug!(",
    "trace!(",
    "error_span!(",
    "warn_span!(",
    "info_span!(",
    "debug_span!(",
    "trace_span!(",
];

/// The arguments of the call whose opening bracket was read already, split at the commas between them.
fn arguments(call: &str) -> Vec<String> {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    let mut arguments = vec![String::new()];
    for c in call.chars() {
        let structural = !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        match c {
            ')' if structural && depth == 0 => break,
            ',' if structural && depth == 0 => arguments.push(String::new()),
            _ => {
                if structural {
                    depth += i32::from("([{".contains(c)) - i32::from(")]}".contains(c));
                }
                arguments.last_mut().unwrap().push(c);
            }
        }
    }
    arguments.into_iter().map(|argument| argument.trim().to_owned()).collect()
}

/// The names of the fields that the arguments set; they end where the sentence begins.
fn fields(arguments: &[String]) -> Vec<String> {
    arguments
        .iter()
        .take_while(|argument| !argument.starts_with('"'))
        .filter(|argument| !argument.is_empty())
        .map(|argument| {
            let name = argument.split_once(" = ").map_or(argument.as_str(), |(name, _)| name);
            name.trim_start_matches(['%', '?']).trim().to_owned()
        })
        .collect()
}

/// Every field of the log calls of `code`.
fn logged(code: &str) -> Vec<String> {
    let calls = CALLS.iter().flat_map(|call| {
        let of_tracing = |at: usize| {
            let before = code[..at].chars().next_back();
            before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '!')
        };
        code.match_indices(call)
            .filter(move |(at, _)| of_tracing(*at))
            .map(|(at, _)| &code[at + call.len()..])
    });
    calls.flat_map(|call| fields(&arguments(call))).collect()
}

#[test]
fn every_logged_field_is_in_the_closed_list() {
    for source in Source::under("src") {
        for field in logged(&source.code()) {
            assert!(LogField::from_name(&field).is_some(), "{}: `{field}` is not a LogField", source.path);
        }
    }
}

#[test]
fn every_field_of_the_closed_list_is_said_somewhere() {
    let said: BTreeSet<_> = Source::under("src").iter().flat_map(|source| logged(&source.code())).collect();
    let unsaid = LogField::ALL.into_iter().filter(|field| !said.contains(field.as_str()));
    // The sentence itself has no name in a call.
    let unsaid: Vec<_> = unsaid.filter(|field| *field != LogField::Message).collect();
    assert!(unsaid.is_empty(), "nothing says {unsaid:?}");
}

#[test]
fn the_check_of_log_fields_sees_what_it_must() {
    let code =
        "tracing::info!(route = a(b, c), %token, ?x, \"said, {}\", y); info_span!(\"request\", z = 1);";
    assert_eq!(logged(code), ["route", "token", "x"]);
    assert_eq!(logged("warn!(\"a \\\" (b\"); error!(count, \"c\")"), ["count"]);
    assert_eq!(logged("my_info!(a); anyhow!(b)"), Vec::<String>::new());
}
