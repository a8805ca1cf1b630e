//! The formats that containers of well-known images write in: databases, proxies, parts of Kubernetes.

use jiff::Timestamp;

/// How an image writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tongue {
    /// JSON of the estate's own services.
    Json,
    Postgres,
    Nginx,
    Klog,
    Logfmt,
}

/// How an image writes, by its name.
pub(crate) fn tongue(image: &str) -> Tongue {
    let has = |words: &[&str]| words.iter().any(|word| image.contains(word));
    if has(&["postgres"]) {
        Tongue::Postgres
    } else if has(&["nginx"]) {
        Tongue::Nginx
    } else if has(&[
        "coredns",
        "kube-",
        "metrics-server",
        "cert-manager",
        "autoscaler",
    ]) {
        Tongue::Klog
    } else if has(&["prometheus", "grafana", "loki", "alertmanager", "exporter"]) {
        Tongue::Logfmt
    } else {
        Tongue::Json
    }
}

/// A line of a format that is not JSON; `key` decides what it says.
pub(crate) fn line(tongue: Tongue, at: Timestamp, key: u64) -> Option<String> {
    let process = 100 + key % 40;
    Some(match tongue {
        Tongue::Json => return None,
        Tongue::Postgres => {
            let stamp = at.strftime("%Y-%m-%d %H:%M:%S%.3f UTC");
            match key % 23 {
                0 => format!(
                    "{stamp} [{process}] ERROR:  duplicate key value violates unique constraint \"orders_pkey\""
                ),
                1..4 => format!(
                    "{stamp} [{process}] LOG:  duration: {}.{:03} ms  statement: SELECT * FROM orders WHERE id = {}",
                    500 + key % 900,
                    key % 1000,
                    100_000 + key % 800_000
                ),
                _ => format!(
                    "{stamp} [{process}] LOG:  checkpoint complete: wrote {} buffers",
                    key % 900
                ),
            }
        }
        Tongue::Nginx => {
            let (path, status) = match key % 29 {
                0 => ("/order", 502),
                1 | 2 => ("/favicon.ico", 404),
                3..12 => ("/cart", 200),
                _ => ("/products/42", 200),
            };
            format!(
                "10.244.{}.{} - - [{}] \"GET {path} HTTP/1.1\" {status} {} \"-\" \"Mozilla/5.0\"",
                key % 6,
                1 + key % 250,
                at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
                120 + key % 9000
            )
        }
        Tongue::Klog => {
            let stamp = at.strftime("%m%d %H:%M:%S%.6f");
            match key % 17 {
                0 => format!(
                    "W{stamp}       1 reflector.go:561] watch of *v1.EndpointSlice ended with: too old resource version: {}",
                    900_000 + key % 90_000
                ),
                1 => format!(
                    "E{stamp}       1 controller.go:142] \"Unhandled error\" err=\"timeout after {} ms\" logger=\"sync\"",
                    key % 900
                ),
                _ => format!(
                    "I{stamp}       1 controller.go:88] \"Synced\" object=\"ecommerce-prod/shop\" took=\"{}ms\"",
                    key % 90
                ),
            }
        }
        Tongue::Logfmt => {
            let stamp = at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
            let (level, message) = match key % 19 {
                0 => ("warn", "slow query"),
                1 => ("error", "scrape failed"),
                _ => ("info", "compaction done"),
            };
            format!(
                "ts={stamp} level={level} component=engine msg=\"{message}\" duration={}ms",
                key % 4000
            )
        }
    })
}
