//! Figures for Prometheus. The helpdesk reports to whatever recorder the host installed; this is the host's part.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use helpdesk::engine::OperatorHandle;
use helpdesk::store::ViewCounts;
use metrics::{Unit, describe_gauge, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::Failure;

/// How often samples are folded into their buckets, also when nobody asks for them.
const FOLD_EVERY: Duration = Duration::from_secs(5);
/// The buckets of durations, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Collects from now on. Call it before anything reports.
pub(crate) fn start() -> Result<PrometheusHandle, Failure> {
    let recorder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?;
    let handle = recorder.install_recorder()?;
    describe_gauge!("helpdesk_conversations", "Conversations in each view of the queue");
    describe_gauge!("process_start_time_seconds", Unit::Seconds, "When the process started, since the epoch");
    describe_gauge!("process_resident_memory_bytes", Unit::Bytes, "Memory in use");
    let folded = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(FOLD_EVERY).await;
            folded.run_upkeep();
        }
    });
    Ok(handle)
}

/// The route `/metrics`.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(handle: PrometheusHandle, owner: OperatorHandle) -> Router<S> {
    gauge!("process_start_time_seconds").set(owner.workspace().desk().clock().now().timestamp() as f64);
    Router::new().route("/metrics", get(show)).with_state((handle, owner))
}

async fn show(State((handle, owner)): State<(PrometheusHandle, OperatorHandle)>) -> Response {
    match owner.counts().await {
        Ok(counts) => report(&counts),
        Err(error) => {
            tracing::error!(%error, "the queue cannot be counted");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    }
    if let Some(bytes) = resident_memory() {
        gauge!("process_resident_memory_bytes").set(bytes as f64);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response()
}

fn report(counts: &ViewCounts) {
    let views = [
        ("all", counts.all),
        ("unassigned", counts.unassigned),
        ("waiting", counts.waiting),
        ("claimed", counts.claimed),
        ("pending", counts.pending),
        ("resolved", counts.resolved),
    ];
    for (view, count) in views {
        gauge!("helpdesk_conversations", "view" => view).set(count as f64);
    }
}

/// The memory of this process, where the system tells: on Linux.
fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}
