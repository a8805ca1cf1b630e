//! Which proxy leads to a server, as Go's clients decide it: the kubeconfig's `proxy-url` always, else the
//! environment's unless `NO_PROXY` or a loopback address says no.
//!
//! Ours, because kube compares `NO_PROXY` with the proxy's own address instead of the server's.

use std::env;
use std::net::IpAddr;

use http::Uri;

/// The proxy for a server; none to go there directly. The error names the setting that is not a URL.
pub(super) fn choose(explicit: Option<&str>, server: &Uri) -> Result<Option<Uri>, String> {
    if let Some(url) = explicit.filter(|url| !url.is_empty()) {
        return parse(url, "proxy-url").map(Some);
    }
    let names = if server.scheme_str() == Some("http") {
        ["HTTP_PROXY", "http_proxy"]
    } else {
        ["HTTPS_PROXY", "https_proxy"]
    };
    let setting = names.iter().find_map(|name| Some((*name, variable(name)?)));
    let Some((name, url)) = setting else {
        return Ok(None);
    };
    let excluded = variable("NO_PROXY").or_else(|| variable("no_proxy"));
    if bypassed(server, excluded.as_deref().unwrap_or_default()) {
        return Ok(None);
    }
    parse(&url, name).map(Some)
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn parse(url: &str, setting: &str) -> Result<Uri, String> {
    // A host that resolves names itself is what SOCKS5 means here anyway.
    let url = match url.strip_prefix("socks5h://") {
        Some(rest) => format!("socks5://{rest}"),
        None if url.contains("://") => url.to_owned(),
        None => format!("http://{url}"),
    };
    let parsed: Option<Uri> = url.parse().ok();
    let usable = |uri: &Uri| {
        uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https" | "socks5"))
    };
    parsed
        .filter(usable)
        .ok_or_else(|| format!("{setting} must be an http, https or socks5 URL"))
}

/// Whether a server is on this machine.
pub(super) fn is_local(server: &Uri) -> bool {
    let host = host(server);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn host(server: &Uri) -> String {
    let host = server.host().unwrap_or_default();
    host.trim_matches(['[', ']'])
        .trim_end_matches('.')
        .to_lowercase()
}

/// Whether `NO_PROXY` (names with their subdomains, addresses, ranges, each with an optional port) covers a server.
pub(super) fn bypassed(server: &Uri, excluded: &str) -> bool {
    if is_local(server) {
        return true;
    }
    let host = host(server);
    let ip = host.parse::<IpAddr>().ok();
    let default = if server.scheme_str() == Some("http") {
        80
    } else {
        443
    };
    let port = server.port_u16().unwrap_or(default);
    excluded
        .split(',')
        .map(|entry| entry.trim().to_lowercase())
        .filter(|entry| !entry.is_empty())
        .any(|entry| {
            if entry == "*" {
                return true;
            }
            if let Some((net, bits)) = entry.split_once('/') {
                return within(ip, net, bits);
            }
            let (name, wanted) = match entry.rsplit_once(':') {
                Some((name, digits)) if !name.contains(':') => match digits.parse::<u16>() {
                    Ok(wanted) => (name, Some(wanted)),
                    Err(_) => return false,
                },
                _ => (entry.as_str(), None),
            };
            if wanted.is_some_and(|wanted| wanted != port) {
                return false;
            }
            if let Ok(address) = name.trim_matches(['[', ']']).parse::<IpAddr>() {
                return ip == Some(address);
            }
            let name = name.strip_prefix('*').unwrap_or(name);
            match name.strip_prefix('.') {
                Some(domain) => host
                    .strip_suffix(domain)
                    .is_some_and(|rest| rest.ends_with('.')),
                None => {
                    host == name
                        || host
                            .strip_suffix(name)
                            .is_some_and(|rest| rest.ends_with('.'))
                }
            }
        })
}

fn within(ip: Option<IpAddr>, net: &str, bits: &str) -> bool {
    let (Some(ip), Ok(net), Ok(bits)) = (ip, net.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    let (ip, net, width) = match (ip, net) {
        (IpAddr::V4(ip), IpAddr::V4(net)) => {
            (u128::from(ip.to_bits()), u128::from(net.to_bits()), 32)
        }
        (IpAddr::V6(ip), IpAddr::V6(net)) => (ip.to_bits(), net.to_bits(), 128),
        _ => return false,
    };
    if bits > width {
        return false;
    }
    let ignored = width - bits;
    ip.checked_shr(ignored).unwrap_or(0) == net.checked_shr(ignored).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::bypassed;

    #[test]
    fn excluded_servers_are_reached_directly() {
        let cases = [
            ("https://10.1.2.3:6443", "10.0.0.0/8", true),
            ("https://11.1.2.3:6443", "10.0.0.0/8", false),
            ("https://api.example.org", "example.org", true),
            ("https://api.example.org", ".example.org", true),
            ("https://example.org", ".example.org", false),
            ("https://badexample.org", "example.org", false),
            ("https://api.example.org:6443", "api.example.org:443", false),
            ("https://[2001:db8::1]:6443", "2001:db8::/32", true),
            ("https://anything", "a, *", true),
            ("https://127.0.0.1:6443", "", true),
            ("https://api.example.org", "", false),
        ];
        for (server, excluded, expected) in cases {
            let uri = server.parse().unwrap_or_default();
            assert_eq!(
                bypassed(&uri, excluded),
                expected,
                "{server} with {excluded}"
            );
        }
    }
}
