//! `docs/PUSH_SERVICES.md` shows the tables of the code, row for row.

use sealpush::model::PushService;
use sealpush::push_services::{Meaning, PushServices};

use super::page::Page;

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
