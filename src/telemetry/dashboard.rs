//! The Grafana dashboard, made from the list of metrics so that neither can forget the other.

use serde_json::{Value, json};

use super::metric_list::{METRICS, MetricDescription, MetricKind};

/// The rows, with the metrics of each, in the order in which an operator asks.
pub const ROWS: [(&str, &[&str]); 6] = [
    (
        "Is anything wrong?",
        &[
            "sealpush_credentials_held",
            "sealpush_certificate_problems",
            "sealpush_outbox_oldest_seconds",
            "sealpush_store_errors_total",
            "sealpush_rate_limited_total",
        ],
    ),
    (
        "Notifications",
        &[
            "sealpush_targets_total",
            "sealpush_outcomes_total",
            "sealpush_ended_without_attempt_total",
            "sealpush_repeated_total",
            "sealpush_delivery_seconds",
        ],
    ),
    (
        "Requests",
        &[
            "sealpush_requests_total",
            "sealpush_request_seconds",
            "sealpush_admission_seconds",
            "sealpush_connections",
            "sealpush_connections_refused_total",
            "sealpush_bytes_in_flight",
        ],
    ),
    (
        "Outbox",
        &[
            "sealpush_outbox_pending",
            "sealpush_outbox_bytes",
            "sealpush_queue_depth",
            "sealpush_queue_seconds",
        ],
    ),
    (
        "Push services",
        &[
            "sealpush_attempts_total",
            "sealpush_push_seconds",
            "sealpush_push_connections",
            "sealpush_push_streams",
            "sealpush_credential_state",
            "sealpush_token_refreshes_total",
        ],
    ),
    (
        "What exists",
        &[
            "sealpush_registrations",
            "sealpush_subscriptions",
            "sealpush_rate_limit_keys",
            "sealpush_certificate_ends_seconds",
            "sealpush_build_info",
        ],
    ),
];

/// Grafana's grid.
const WIDTH: usize = 24;
const PANEL_WIDTH: usize = 8;
const PANEL_HEIGHT: usize = 8;

/// What is shown of histograms.
const QUANTILES: [&str; 3] = ["0.5", "0.95", "0.99"];

/// The dashboard as JSON, to be imported into Grafana 10 or later. It asks for a Prometheus data source.
#[must_use]
pub fn dashboard() -> String {
    let mut panels = Vec::new();
    let mut y = 0;
    for (title, names) in ROWS {
        let place = json!({"x": 0, "y": y, "w": WIDTH, "h": 1});
        panels
            .push(json!({"type": "row", "title": title, "collapsed": false, "gridPos": place, "panels": []}));
        y += 1;
        for (index, metric) in names.iter().filter_map(|name| described(name)).enumerate() {
            let column = index % (WIDTH / PANEL_WIDTH);
            if index > 0 && column == 0 {
                y += PANEL_HEIGHT;
            }
            let place = json!({"x": column * PANEL_WIDTH, "y": y, "w": PANEL_WIDTH, "h": PANEL_HEIGHT});
            panels.push(panel(metric, &place));
        }
        y += PANEL_HEIGHT;
    }
    for (panel, id) in panels.iter_mut().zip(1..) {
        panel["id"] = Value::from(id);
    }
    let dashboard = json!({
        "title": "Sealpush",
        "uid": "sealpush",
        "description": "Made by the relay's own code from the list of its metrics. Totals only: no label is an id.",
        "tags": ["sealpush"],
        "schemaVersion": 39,
        "editable": true,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [
            {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
            {"name": "instance", "label": "Relay", "type": "query", "multi": true, "includeAll": true,
             "refresh": 2, "datasource": source(),
             "query": "label_values(sealpush_build_info, instance)"},
        ]},
        "panels": panels,
    });
    format!("{dashboard:#}\n")
}

fn described(name: &str) -> Option<&'static MetricDescription> {
    METRICS.iter().find(|metric| metric.name == name)
}

fn source() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}

fn panel(metric: &MetricDescription, place: &Value) -> Value {
    let targets: Vec<Value> = queries(metric)
        .into_iter()
        .zip('A'..)
        .map(|((expr, legend), id)| {
            json!({"refId": id.to_string(), "datasource": source(), "expr": expr, "legendFormat": legend})
        })
        .collect();
    json!({
        "type": "timeseries",
        "title": metric.name.trim_start_matches("sealpush_").trim_end_matches("_total").replace('_', " "),
        "description": format!("{} (`{}`).", metric.help, metric.name),
        "datasource": source(),
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": unit(metric), "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": targets,
    })
}

/// What is asked of a metric, each with its legend.
fn queries(metric: &MetricDescription) -> Vec<(String, String)> {
    let name = metric.name;
    let labels = metric.labels.join(", ");
    let legend = metric.labels.iter().map(|label| format!("{{{{{label}}}}}")).collect::<Vec<_>>().join(" ");
    let by = if labels.is_empty() { String::new() } else { format!(" by ({labels})") };
    match metric.kind {
        MetricKind::Counter => {
            vec![(format!("sum{by} (rate({name}{{instance=~\"$instance\"}}[$__rate_interval]))"), legend)]
        }
        // A point in time: of several relays, the first; Grafana counts in milliseconds.
        MetricKind::Gauge if name.ends_with("_ends_seconds") => {
            vec![(format!("min{by} ({name}{{instance=~\"$instance\"}} > 0) * 1000"), legend)]
        }
        MetricKind::Gauge => vec![(format!("sum{by} ({name}{{instance=~\"$instance\"}})"), legend)],
        MetricKind::Histogram => {
            let by = if labels.is_empty() { "le".to_owned() } else { format!("le, {labels}") };
            let of = |quantile: &&str| {
                let rate = format!("rate({name}_bucket{{instance=~\"$instance\"}}[$__rate_interval])");
                let expr = format!("histogram_quantile({quantile}, sum by ({by}) ({rate}))");
                (expr, format!("{quantile} {legend}").trim_end().to_owned())
            };
            QUANTILES.iter().map(of).collect()
        }
    }
}

/// Grafana's name of the unit.
fn unit(metric: &MetricDescription) -> &'static str {
    match metric.kind {
        MetricKind::Counter => "ops",
        MetricKind::Histogram => "s",
        MetricKind::Gauge if metric.name.ends_with("_ends_seconds") => "dateTimeFromNow",
        MetricKind::Gauge if metric.name.ends_with("_seconds") => "s",
        MetricKind::Gauge if metric.name.contains("_bytes_") => "bytes",
        MetricKind::Gauge => "short",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_on_the_dashboard_once() {
        let mut shown: Vec<_> = ROWS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let mut listed: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
        shown.sort_unstable();
        listed.sort_unstable();
        assert_eq!(shown, listed);
    }
}
