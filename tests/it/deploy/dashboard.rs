//! The dashboard in deploy/ is the one that the code makes, and asks only for what exists.

use sealpush::telemetry::{METRICS, MetricDescription, MetricKind, dashboard};
use serde_json::Value;

use super::deploy;

/// What Prometheus adds to every sample, and what a histogram has besides its labels.
const ALWAYS: [&str; 1] = ["instance"];

/// The name of a metric and the rest of the query behind it.
fn metrics_in(expr: &str) -> Vec<(&'static MetricDescription, String)> {
    let starts = expr.match_indices("sealpush_").map(|(at, _)| &expr[at..]);
    let known = starts.map(|text| {
        let name: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let metric = METRICS.iter().find(|metric| {
            let suffix = name.strip_prefix(metric.name);
            match metric.kind {
                MetricKind::Histogram => {
                    suffix.is_some_and(|rest| ["_bucket", "_sum", "_count"].contains(&rest))
                }
                MetricKind::Counter | MetricKind::Gauge => suffix == Some(""),
            }
        });
        (metric.unwrap_or_else(|| panic!("{name} is no series of a metric: {expr}")), name)
    });
    known.collect()
}

/// The labels that a query names: in braces before `=`, and after `by`.
fn labels_in(expr: &str) -> Vec<String> {
    let matched = expr.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let matched = matched.flat_map(|inner| inner.split(',')).filter_map(|pair| pair.split(['=', '!']).next());
    let grouped = expr.split("by (").skip(1).filter_map(|rest| rest.split(')').next());
    let grouped = grouped.flat_map(|inner| inner.split(','));
    matched.chain(grouped).map(|label| label.trim().to_owned()).collect()
}

fn check(expr: &str) {
    let metrics = metrics_in(expr);
    assert!(!metrics.is_empty(), "{expr} asks for nothing of ours");
    for (metric, _) in metrics {
        for label in labels_in(expr) {
            let of_histogram = metric.kind == MetricKind::Histogram && label == "le";
            let known = metric.labels.contains(&label.as_str()) || ALWAYS.contains(&label.as_str());
            assert!(known || of_histogram, "{} has no label {label}: {expr}", metric.name);
        }
    }
}

#[test]
fn the_dashboard_asks_only_for_metrics_and_labels_that_exist() {
    let dashboard: Value = serde_json::from_str(&dashboard()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let mut seen = 0;
    for target in targets {
        check(target["expr"].as_str().unwrap());
        seen += 1;
    }
    assert!(seen >= METRICS.len(), "only {seen} queries");
}

#[test]
fn no_panel_lies_on_another() {
    let dashboard: Value = serde_json::from_str(&dashboard()).unwrap();
    let number = |panel: &Value, side: &str| panel["gridPos"][side].as_u64().unwrap();
    let place = |panel: &Value| ["x", "y", "w", "h"].map(|side| number(panel, side));
    let places: Vec<_> = dashboard["panels"].as_array().unwrap().iter().map(place).collect();
    for (index, [x, y, w, h]) in places.iter().enumerate() {
        assert!(x + w <= 24);
        for [x2, y2, w2, h2] in &places[..index] {
            assert!(
                x + w <= *x2 || x2 + w2 <= *x || y + h <= *y2 || y2 + h2 <= *y,
                "at {x},{y} and {x2},{y2}"
            );
        }
    }
}

#[test]
fn the_dashboard_in_the_repository_is_the_one_that_the_code_makes() {
    let path = deploy("grafana-dashboard.json");
    #[expect(clippy::disallowed_methods, reason = "a switch for whoever changes the metrics")]
    if std::env::var_os("SEALPUSH_WRITE_EXAMPLES").is_some() {
        std::fs::write(&path, dashboard()).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == dashboard(),
        "run SEALPUSH_WRITE_EXAMPLES=1 cargo test the_dashboard, and commit the file"
    );
}

#[test]
#[should_panic(expected = "has no label app")]
fn the_check_of_the_dashboard_sees_a_label_that_does_not_exist() {
    check("sum by (app) (rate(sealpush_targets_total[5m]))");
}

#[test]
#[should_panic(expected = "is no series")]
fn the_check_of_the_dashboard_sees_a_metric_that_does_not_exist() {
    check("sum(sealpush_deliveries_total)");
}
