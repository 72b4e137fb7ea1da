//! `docs/PUSH_SERVICES.md` shows the tables of the code, row for row.

use sealpush::model::PushService;
use sealpush::push_services::{Meaning, PushServices};

use super::page::{Page, root};

/// Where an attempt ends without an answer of a push service.
const WITHOUT_ANSWER: [&str; 6] = [
    "dialer.rs",
    "fcm/token_endpoint.rs",
    "fcm/token_exchange.rs",
    "http2/connection.rs",
    "http2/failure.rs",
    "http2/pool.rs",
];

/// Our own names of what went wrong, where `code` gives them to `Reason::ours`.
fn coded_reasons(code: &str) -> Vec<String> {
    let code = code.split("\n#[cfg(test)]\n").next().unwrap();
    let quoted = code.match_indices("Reason::ours(").flat_map(|(at, _)| {
        let end = code[at..].find([';', '}']).map_or(code.len(), |end| at + end);
        code[at..end].split('"').skip(1).step_by(2).collect::<Vec<_>>()
    });
    let is_name =
        |name: &&str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    quoted.filter(is_name).map(str::to_owned).collect()
}

#[test]
fn the_page_of_answers_shows_the_tables_of_the_code() {
    let page = Page::read("docs/PUSH_SERVICES.md");
    for (push_service, heading) in [(PushService::Apns, "## APNs"), (PushService::Fcm, "## FCM")] {
        let shown: Vec<_> = page.rows_under(heading).iter().map(|cells| cells[..4].join(" | ")).collect();
        let coded = PushServices::answers(push_service).iter().map(|row| {
            let reason = row.reason();
            let reason = if reason.contains(' ') { reason.to_owned() } else { format!("`{reason}`") };
            [&row.status(), &reason, row.meaning.as_str(), row.remedy.as_str()].join(" | ")
        });
        assert_eq!(shown, coded.collect::<Vec<_>>(), "{heading}");
    }
}

#[test]
fn the_page_of_answers_explains_each_meaning() {
    let page = Page::read("docs/PUSH_SERVICES.md");
    let shown: Vec<_> = page.rows_under("## Meanings").iter().map(|cells| cells[0].to_owned()).collect();
    assert_eq!(shown, Meaning::ALL.map(Meaning::as_str));
}

#[test]
fn the_page_of_answers_explains_what_has_no_answer() {
    let page = Page::read("docs/PUSH_SERVICES.md");
    let rows = page.rows_under("## No answer");
    let shown: Vec<_> = rows.iter().flat_map(|cells| cells[0].split('`').skip(1).step_by(2)).collect();
    let all = WITHOUT_ANSWER
        .map(|file| std::fs::read_to_string(root().join("src/push_services").join(file)).unwrap());
    let coded: Vec<_> = all.iter().flat_map(|code| coded_reasons(code)).collect();
    assert!(coded.iter().any(|reason| reason == "proxy_broken"), "{coded:?}");
    for reason in &coded {
        assert!(shown.contains(&reason.as_str()), "docs/PUSH_SERVICES.md does not explain {reason}");
    }
    let everywhere =
        all.concat() + &std::fs::read_to_string(root().join("src/push_services/fcm/mod.rs")).unwrap();
    for reason in shown {
        assert!(everywhere.contains(&format!("\"{reason}\"")), "{reason} is in no source file");
    }
}
