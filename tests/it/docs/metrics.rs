//! docs/METRICS.md lists every metric, with its kind, its labels and what it tells.

use sealpush::telemetry::{METRICS, MetricKind};

use super::page::Page;

fn kind(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Counter => "counter",
        MetricKind::Gauge => "gauge",
        MetricKind::Histogram => "histogram",
    }
}

#[test]
fn the_page_of_metrics_lists_those_that_exist() {
    let wanted: Vec<_> = METRICS
        .iter()
        .map(|metric| {
            let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
            let name = format!("`{}`", metric.name);
            format!("| {name} | {} | {} | {} |", kind(metric.kind), labels.join(", "), metric.help)
                .replace("|  |", "| |")
        })
        .collect();
    let page = Page::read("docs/METRICS.md");
    let rows: Vec<_> = page.prose().filter(|line| line.starts_with("| `sealpush_")).collect();
    assert_eq!(rows, wanted);
}
