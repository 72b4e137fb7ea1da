//! docs/OPERATING.md says what to do about every problem code and every reason for which an app is held.

use std::collections::BTreeSet;
use std::fs;

use super::page::{Page, root};
use crate::config::Place;

fn first_cells(page: &Page, heading: &str, cell: usize) -> BTreeSet<String> {
    let rows = page.rows_under(heading);
    rows.iter().flat_map(|cells| cells[cell].split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn the_page_of_operating_lists_the_codes_of_the_api_and_no_other() {
    let made = first_cells(&Page::read("docs/API.md"), "## Problem codes", 1);
    let told = first_cells(&Page::read("docs/OPERATING.md"), "## What senders and apps are told", 0);
    let (missing, invented): (Vec<_>, Vec<_>) =
        (made.difference(&told).collect(), told.difference(&made).collect());
    assert!(
        made.len() > 30 && missing.is_empty(),
        "docs/OPERATING.md does not say what to do about {missing:?}"
    );
    assert!(invented.is_empty(), "docs/OPERATING.md explains what the API does not have: {invented:?}");
}

#[test]
fn the_page_of_operating_explains_each_reason_that_check_can_mend() {
    let told = first_cells(&Page::read("docs/OPERATING.md"), "## Why an app is held", 0);
    let source = fs::read_to_string(root().join("src/operator/checks/credential.rs")).unwrap();
    let arms = source.split("fn mend_at_").skip(1).flat_map(str::lines).filter(|line| line.contains("=>"));
    let reasons: BTreeSet<String> = arms
        .flat_map(|line| line.split("=>").next().unwrap().split('"').skip(1).step_by(2))
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> =
        reasons.difference(&told).filter(|reason| *reason != "SENDER_ID_MISMATCH").collect();
    assert!(reasons.len() > 10 && missing.is_empty(), "docs/OPERATING.md does not explain {missing:?}");
}

#[test]
fn the_relay_takes_every_config_that_the_page_of_operating_shows() {
    let page = Page::read("docs/OPERATING.md");
    let shown: Vec<_> =
        page.text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    for config in &shown {
        let place = Place::new();
        for (name, like) in
            [("fullchain.pem", "tls.pem"), ("clients.pem", "tls.pem"), ("authority.pem", "tls.pem")]
        {
            fs::copy(place.path(like), place.path(name)).unwrap();
        }
        fs::copy(place.path("tls.key"), place.path("privkey.pem")).unwrap();
        place.write("proxy.credentials", "relay:a password").set_mode("proxy.credentials", 0o600);
        place.config(config);
        if let Err(error) = place.load() {
            panic!("{config}\n{error}");
        }
    }
    assert!(shown.len() >= 7, "{}", shown.len());
}

/// What `serve` and `check` say is compared with the code: text that is made of parts is told by its longest one.
#[test]
fn the_page_of_operating_explains_only_what_the_program_says() {
    let sources: String = crate::architecture::sources();
    let told = first_cells(&Page::read("docs/OPERATING.md"), "## What a start is refused for", 0);
    for sentence in &told {
        let part = sentence.split('…').max_by_key(|part| part.len()).unwrap().trim_matches([',', ' ']);
        assert!(sources.contains(part), "docs/OPERATING.md explains `{sentence}`, which nothing says");
    }
    assert!(told.len() > 8, "{told:?}");
}
