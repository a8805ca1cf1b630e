//! What the user may do in a place, asked at once for all actions, so that what is denied can be grey beforehand.

use super::Site;
use crate::actions::step::Permission;
use crate::clients::kube::Review;
use crate::clients::rules::Rules;

/// Where rules of the whole cluster are asked for: a review always names a namespace.
const ANY: &str = "default";

/// Whether each permission is granted in a namespace; none where the server does not say.
pub async fn permits(
    site: &Site,
    needs: Vec<Permission>,
    namespace: &str,
) -> Vec<(Permission, Option<bool>)> {
    let namespace = if namespace.is_empty() { ANY } else { namespace };
    let rules = async {
        let open = site.open().await.ok()?;
        let review = Review::Rules {
            namespace: namespace.to_owned(),
        };
        Some(Rules::read(&open.reader.review(&review).await.ok()?))
    };
    let rules = rules.await;
    let granted = |need: &Permission| {
        let resource = match need.subresource {
            "" => need.kind.plural().to_owned(),
            below => format!("{}/{below}", need.kind.plural()),
        };
        let rules = rules.as_ref()?;
        Some(rules.allow(need.verb, need.kind.group(), &resource))
    };
    needs
        .into_iter()
        .map(|need| {
            let granted = granted(&need);
            (need, granted)
        })
        .collect()
}
