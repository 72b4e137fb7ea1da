//! Drafts of the papers that privacy law asks an operator for, made from the config and the inventory.
//!
//! They say what this program does and how it is set, and leave room, in words, where the law or the operator decides. Must
//! not give legal advice. The texts are in `templates/papers/`. Read next: `facts.rs`, what is filled in.

mod facts;
mod recipients;

use std::fmt::Display;

use askama::Template;

use crate::base::Day;
use crate::config::Config;
use facts::Facts;

/// One paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// The name of its file.
    pub file: &'static str,
    /// What it is.
    pub title: &'static str,
    /// Its text, in Markdown.
    pub text: String,
}

#[derive(Template)]
#[template(path = "papers/record-of-processing.md", escape = "none")]
struct RecordOfProcessing<'a> {
    facts: &'a Facts<'a>,
}

#[derive(Template)]
#[template(path = "papers/impact-assessment.md", escape = "none")]
struct ImpactAssessment<'a> {
    facts: &'a Facts<'a>,
}

#[derive(Template)]
#[template(path = "papers/processor-annex.md", escape = "none")]
struct ProcessorAnnex<'a> {
    facts: &'a Facts<'a>,
}

#[derive(Template)]
#[template(path = "papers/sub-processors.md", escape = "none")]
struct SubProcessors<'a> {
    facts: &'a Facts<'a>,
}

#[derive(Template)]
#[template(path = "papers/privacy-notice.md", escape = "none")]
struct PrivacyNotice<'a> {
    facts: &'a Facts<'a>,
}

#[derive(Template)]
#[template(path = "papers/other-laws.md", escape = "none")]
struct OtherLaws<'a> {
    facts: &'a Facts<'a>,
}

/// Every paper for a relay with this config, dated `date`.
#[must_use]
pub fn papers(config: &Config, date: Day) -> Vec<Paper> {
    let facts = &Facts::of(config, date);
    let paper = |file, title, text: &dyn Display| Paper {
        file,
        title,
        text: format!("{}\n", text.to_string().trim_end()),
    };
    vec![
        paper(
            "record-of-processing.md",
            "record of processing activities (GDPR, Article 30)",
            &RecordOfProcessing { facts },
        ),
        paper(
            "impact-assessment.md",
            "worksheet for an impact assessment (GDPR, Article 35)",
            &ImpactAssessment { facts },
        ),
        paper(
            "processor-annex.md",
            "annex to a processing agreement (GDPR, Article 28)",
            &ProcessorAnnex { facts },
        ),
        paper("sub-processors.md", "who else gets data, where and what for", &SubProcessors { facts }),
        paper("privacy-notice.md", "privacy notice for the users of your app", &PrivacyNotice { facts }),
        paper(
            "other-laws.md",
            "CCPA, HIPAA and FERPA: what Sealpush does, what remains",
            &OtherLaws { facts },
        ),
    ]
}
