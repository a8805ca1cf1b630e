//! What the user may do in a place, asked for all actions at once, so that what is denied can be grey beforehand.

use futures::{FutureExt, StreamExt, stream};
use serde_json::Value;

use super::Site;
use crate::actions::step::Permission;
use crate::clients::kube::Review;

/// Questions under way at once.
const AT_ONCE: usize = 8;

/// Whether each permission is granted in a namespace; none where the server does not say.
pub async fn permits(
    site: &Site,
    needs: Vec<Permission>,
    namespace: &str,
) -> Vec<(Permission, Option<bool>)> {
    let asked = needs
        .into_iter()
        .map(|need| one(site, need, namespace).boxed());
    let asked: Vec<_> = asked.collect();
    stream::iter(asked).buffered(AT_ONCE).collect().await
}

async fn one(site: &Site, need: Permission, namespace: &str) -> (Permission, Option<bool>) {
    let review = Review::Access {
        verb: need.verb,
        group: need.kind.group().to_owned(),
        resource: need.kind.plural().to_owned(),
        subresource: need.subresource,
        namespace: namespace.to_owned(),
    };
    let answer = match site.open().await {
        Ok(open) => open.reader.review(&review).await.ok(),
        Err(_) => None,
    };
    let granted =
        answer.and_then(|answer| answer.pointer("/status/allowed").and_then(Value::as_bool));
    (need, granted)
}
